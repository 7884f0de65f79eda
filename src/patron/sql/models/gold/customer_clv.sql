select
    customers.customer_id,
    customers.order_count,
    customers.tenure_days,
    customers.average_order_value,
    customers.historical_clv,
    customers.formula_clv_revenue,
    customers.formula_clv_profit,
    {{ clv_tier('customers.' ~ var('clv_tier_measure'), 'scores.clv_at_or_below_count', 'scores.buyer_count') }}
    as clv_tier,
    scores.clv_at_or_below_count / cast(scores.buyer_count as {{ type_double() }}) as clv_percentile_rate
from {{ ref('customer_measures') }} as customers
inner join {{ ref('customer_scores') }} as scores on customers.customer_id = scores.customer_id
