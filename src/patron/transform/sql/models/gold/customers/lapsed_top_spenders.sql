{% set limits = var('questions')['lapsed_top_spenders'] %}

with cuts as ({{ least_at_percentile('net_amount', ref('customer_labels'), limits['percentile']) }})

select
    labels.customer_id,
    labels.net_amount,
    cuts.least_value as top_from_net_amount,
    labels.order_count,
    labels.average_order_value,
    labels.last_order_date,
    labels.days_since_last_order,
    gaps.median_gap_days,
    gaps.silence_ratio,
    labels.segment,
    labels.churn_risk,
    labels.churn_group,
    labels.is_churned,
    labels.recommended_action
from {{ ref('customer_labels') }} as labels
inner join cuts on labels.net_amount >= cuts.least_value
inner join {{ ref('customer_order_gaps') }} as gaps on labels.customer_id = gaps.customer_id
where labels.days_since_last_order >= {{ limits['inactive_days'] }}
