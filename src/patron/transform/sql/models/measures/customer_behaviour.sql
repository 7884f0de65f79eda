{# How each buyer buys, in the features that tell customers apart (docs/clusters.md): doubles, for the models only. #}
{{ projection() }}

select
    measures.customer_id,
    cast(measures.days_since_last_order as {{ type_double() }}) as days_since_last_order,
    cast(measures.tenure_days as {{ type_double() }}) as tenure_days,
    cast(measures.order_count as {{ type_double() }}) as order_count,
    cast(measures.average_order_value as {{ type_double() }}) as average_order_value,
    cast(coalesce(gaps.median_gap_days, measures.days_since_last_order) as {{ type_double() }}) as gap_days,
    cast(measures.net_amount as {{ type_double() }}) as net_amount
from {{ ref('customer_measures') }} as measures
left join {{ ref('customer_gaps') }} as gaps on measures.customer_id = gaps.customer_id
where measures.order_count > 0
