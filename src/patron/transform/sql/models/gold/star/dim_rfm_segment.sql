select segment, segment_order, description, action as recommended_action, churn_risk, score_triple_count
from {{ ref('segments') }}
