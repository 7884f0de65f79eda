select
    customer_id,
    days_since_last_order,
    order_count,
    net_amount,
    tenure_days,
    recency_score,
    frequency_score,
    monetary_score
from {{ ref('customer_labels') }}
