{{ projection() }}

select
    customer_id,
    order_count,
    tenure_days,
    average_order_value,
    historical_clv,
    formula_clv_revenue,
    formula_clv_profit,
    run_rate_clv_1y,
    run_rate_clv_3y,
    run_rate_clv_5y,
    clv_tier,
    clv_percentile_rate
from {{ ref('customer_labels') }}
