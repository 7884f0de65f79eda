select
    customer_id,
    order_count,
    tenure_days,
    average_order_value,
    historical_clv,
    formula_clv_revenue,
    formula_clv_profit,
    clv_tier,
    clv_percentile_rate
from {{ ref('customer_labels') }}
