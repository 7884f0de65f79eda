{# The region in the customer file; otherwise that of most of their orders, and of ties the alphabetically first. #}
{% set is_on_orders = is_mapped('order_lines', 'region') %}

with
    on_file as (select customer_id, region from {{ ref('customers') }} where region is not null),

    by_region as (

        select orders.customer_id, orders.region, count(*) as order_count
        from {{ ref('order_measures') }} as orders
        left join on_file on orders.customer_id = on_file.customer_id
        where
            orders.customer_id is not null
            and orders.region is not null
            and on_file.customer_id is null
            and 1 = {{ 1 if is_on_orders else 0 }}
        group by orders.customer_id, orders.region

    ),

    placed as (

        select
            customer_id, region, row_number() over (partition by customer_id order by order_count desc, region) as place
        from by_region

    )

select customer_id, region, 'file' as region_source
from on_file
union all
select customer_id, region, 'orders' as region_source
from placed
where place = 1
