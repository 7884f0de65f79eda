{{ refresh(by=['customer_id'], follows='changed_lines') }}

{% set gap = days_between('activity_date', 'next_purchase_date') %}

select
    customer_id,
    min(activity_date) as first_seen_date,
    min(first_order_date) as first_order_date,
    max(case when sale_line_count > 0 then activity_date end) as last_order_date,
    max(order_count_to_date) as order_count,
    count(case when sale_line_count > 0 then 1 end) as purchase_day_count,
    count(case when sale_line_count > 0 and fully_refunded_date is null then 1 end) as kept_day_count,
    min(case when sale_line_count > 0 and fully_refunded_date is null then activity_date end) as first_kept_date,
    max(case when sale_line_count > 0 and fully_refunded_date is null then activity_date end) as last_kept_date,
    {{ whole_sum('sale_line_count') }} as sale_line_count,
    cast(sum(unit_count) as {{ type_total() }}) as unit_count,
    cast(sum(gross_amount) as {{ type_total() }}) as gross_amount,
    cast(sum(discount_amount) as {{ type_total() }}) as discount_amount,
    cast(sum(refund_amount) as {{ type_total() }}) as refund_amount,
    cast(sum(net_amount) as {{ type_total() }}) as net_amount,
    max({{ gap }}) as longest_purchase_gap_days,
    {{ whole_sum('cast(' ~ gap ~ ' as bigint) * ' ~ gap) }} as purchase_gap_squares_sum
from {{ affected(ref('customer_days')) }} as days
group by customer_id
