select
    rfm.customer_id,
    rfm.recency_score,
    rfm.frequency_score,
    rfm.monetary_score,
    segment_scores.segment,
    segments.action as recommended_action
from {{ ref('customer_rfm') }} as rfm
inner join
    {{ ref('segment_scores') }} as segment_scores
    on rfm.recency_score = segment_scores.recency_score
    and rfm.frequency_score = segment_scores.frequency_score
    and rfm.monetary_score = segment_scores.monetary_score
inner join {{ ref('segments') }} as segments on segment_scores.segment = segments.segment
