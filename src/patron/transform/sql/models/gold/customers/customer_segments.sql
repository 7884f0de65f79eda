select customer_id, recency_score, frequency_score, monetary_score, segment, recommended_action, churn_risk
from {{ ref('customer_labels') }}
