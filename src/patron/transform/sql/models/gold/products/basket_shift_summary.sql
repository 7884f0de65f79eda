{% set least_orders = 2 * var('questions')['basket_shift']['orders'] %}

with
    buyers as (

        select
            count(*) as buyer_count,
            count(case when order_count < {{ least_orders }} then 1 end) as too_few_orders_count
        from {{ ref('customer_totals') }}
        where order_count > 0

    ),

    judged as (

        select
            count(*) as judged_count,
            count(case when is_shrinking then 1 end) as shrinking_count,
            count(case when is_growing then 1 end) as growing_count,
            sum(early_units_per_order) as early_units,
            sum(recent_units_per_order) as recent_units,
            sum(early_amount_per_order) as early_amount,
            sum(recent_amount_per_order) as recent_amount
        from {{ ref('basket_shift') }}

    )

select
    buyers.buyer_count,
    buyers.too_few_orders_count,
    judged.judged_count,
    judged.shrinking_count,
    judged.growing_count,
    cast(judged.shrinking_count as {{ type_double() }}) / nullif(judged.judged_count, 0) as shrinking_rate,
    {{ wilson('judged.shrinking_count', 'judged.judged_count', 'low') }} as shrinking_rate_low,
    {{ wilson('judged.shrinking_count', 'judged.judged_count', 'high') }} as shrinking_rate_high,
    cast(judged.growing_count as {{ type_double() }}) / nullif(judged.judged_count, 0) as growing_rate,
    {{ money_ratio('judged.early_units', 'judged.judged_count') }} as early_units_per_order,
    {{ money_ratio('judged.recent_units', 'judged.judged_count') }} as recent_units_per_order,
    {{ money_ratio('judged.early_amount', 'judged.judged_count') }} as early_amount_per_order,
    {{ money_ratio('judged.recent_amount', 'judged.judged_count') }} as recent_amount_per_order
from buyers
cross join judged
where buyers.buyer_count > 0
