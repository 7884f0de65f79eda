select
    measures.customer_id,
    measures.as_of_date,
    segments.segment,
    {{ churn_group('measures.days_since_last_order') }} as churn_group,
    clv.clv_tier,
    measures.first_order_date,
    measures.last_order_date,
    measures.days_since_last_order,
    measures.tenure_days,
    measures.order_count,
    measures.gross_amount,
    measures.discount_amount,
    measures.refund_amount,
    measures.net_amount,
    measures.average_order_value,
    measures.historical_clv,
    measures.formula_clv_revenue,
    measures.formula_clv_profit,
    segments.recency_score,
    segments.frequency_score,
    segments.monetary_score,
    measures.days_since_last_order > {{ var('churn_window_days') }} as is_churned
from {{ ref('customer_measures') }} as measures
inner join {{ ref('customer_segments') }} as segments on measures.customer_id = segments.customer_id
inner join {{ ref('customer_clv') }} as clv on measures.customer_id = clv.customer_id
