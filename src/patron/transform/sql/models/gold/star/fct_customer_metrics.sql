{{ projection() }}

select
    customer_id,
    as_of_date,
    segment,
    churn_group,
    clv_tier,
    first_order_date,
    last_order_date,
    days_since_last_order,
    tenure_days,
    order_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    average_order_value,
    average_order_value_before_refunds,
    historical_clv,
    formula_clv_revenue,
    formula_clv_profit,
    recency_score,
    frequency_score,
    monetary_score,
    is_churned
from {{ ref('customer_labels') }}
