{% set is_asked = is_mapped('order_lines', 'channel') %}

with
    lines as (select * from {{ ref('day_channel_lines') }} where 1 = {{ 1 if is_asked else 0 }}),

    orders as (

        select
            whole_order_date as activity_date,
            coalesce(channel, 'unknown') as channel,
            count(*) as order_count,
            count(case when customer_id is null then 1 end) as guest_order_count,
            count(distinct customer_id) as customer_count
        from {{ ref('order_measures') }}
        where is_counted and 1 = {{ 1 if is_asked else 0 }}
        group by whole_order_date, coalesce(channel, 'unknown')

    )

select
    coalesce(lines.order_date, orders.activity_date) as activity_date,
    coalesce(lines.channel, orders.channel) as channel,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.guest_order_count, 0) as guest_order_count,
    coalesce(orders.customer_count, 0) as customer_count,
    coalesce(lines.sale_line_count, 0) as sale_line_count,
    coalesce(lines.unit_count, 0) as unit_count,
    coalesce(lines.gross_amount, 0) as gross_amount,
    coalesce(lines.discount_amount, 0) as discount_amount,
    coalesce(lines.refund_amount, 0) as refund_amount,
    coalesce(lines.net_amount, 0) as net_amount,
    {{ money_ratio('coalesce(lines.net_amount, 0)', 'orders.order_count') }} as average_order_value,
    {{ money_ratio(
        '(coalesce(lines.gross_amount, 0) + coalesce(lines.discount_amount, 0))', 'orders.order_count'
    ) }} as average_order_value_before_refunds
from lines
full outer join orders on lines.order_date = orders.activity_date and lines.channel = orders.channel
