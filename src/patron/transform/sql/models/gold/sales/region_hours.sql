{# A source whose orders are all at midnight records days and no hours. #}
{% set is_asked = is_mapped('customers', 'region') or is_mapped('order_lines', 'region') %}

with
    orders as (select * from {{ ref('order_measures') }} where is_counted and 1 = {{ 1 if is_asked else 0 }}),

    sources as (

        select
            source_name,
            max(extract(hour from ordered_at) + extract(minute from ordered_at) + extract(second from ordered_at))
            > 0 as has_hours
        from orders
        group by source_name

    ),

    placed as (

        select
            coalesce(regions.region, orders.region, 'unknown') as region,
            {{ iso_weekday('orders.order_date') }} as weekday,
            case when sources.has_hours then cast(extract(hour from orders.ordered_at) as bigint) end as hour_of_day,
            orders.customer_id,
            orders.gross_amount + orders.discount_amount as spent_amount
        from orders
        inner join sources on orders.source_name = sources.source_name
        left join {{ ref('customer_regions') }} as regions on orders.customer_id = regions.customer_id

    )

select
    region,
    cast(weekday as bigint) as weekday,
    hour_of_day,
    count(*) as order_count,
    count(case when customer_id is null then 1 end) as guest_order_count,
    cast(sum(spent_amount) as {{ type_total() }}) as spent_amount
from placed
group by region, weekday, hour_of_day
