select
    customers.customer_id,
    customers.days_since_last_order,
    customers.order_count,
    customers.net_amount,
    customers.tenure_days,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score
from {{ ref('customer_measures') }} as customers
inner join {{ ref('customer_scores') }} as scores on customers.customer_id = scores.customer_id
