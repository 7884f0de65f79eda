select
    who.customer_id,
    who.customer_name,
    who.email,
    who.country,
    who.region,
    who.city,
    who.signed_up_at,
    who.is_loyalty_member,
    who.first_seen_date,
    measures.first_order_date,
    measures.last_order_date,
    measures.days_since_last_order,
    measures.tenure_days,
    coalesce(measures.order_count, 0) as order_count,
    coalesce(measures.purchase_day_count, 0) as purchase_day_count,
    coalesce(measures.unit_count, 0) as unit_count,
    coalesce(measures.gross_amount, 0) as gross_amount,
    coalesce(measures.discount_amount, 0) as discount_amount,
    coalesce(measures.refund_amount, 0) as refund_amount,
    coalesce(measures.net_amount, 0) as net_amount,
    measures.average_order_value,
    measures.average_line_value,
    segments.recency_score,
    segments.frequency_score,
    segments.monetary_score,
    segments.segment,
    segments.recommended_action,
    measures.historical_clv,
    measures.formula_clv_revenue,
    measures.formula_clv_profit,
    clv.clv_tier,
    churn.is_churned,
    churn.churn_group,
    measures.repeat_count,
    measures.recency_weeks,
    measures.age_weeks,
    bounds.as_of_date
from {{ ref('dim_customer') }} as who
cross join {{ ref('as_of') }} as bounds
left join {{ ref('customer_measures') }} as measures on who.customer_id = measures.customer_id
left join {{ ref('customer_segments') }} as segments on who.customer_id = segments.customer_id
left join {{ ref('customer_clv') }} as clv on who.customer_id = clv.customer_id
left join {{ ref('customer_churn') }} as churn on who.customer_id = churn.customer_id
