{# An order whose lines name two customers is one order here: it belongs to the customer with whom it is counted, at its full amount.
   Of several deliveries, the first to be ordered represents the order. #}
with
    split_orders as (

        select
            orders.id_namespace,
            orders.order_id,
            min(orders.ordered_at) as ordered_at,
            {{ whole_sum('orders.sale_line_count') }} as sale_line_count,
            cast(sum(orders.unit_count) as {{ type_total() }}) as unit_count,
            cast(sum(orders.gross_amount) as {{ type_total() }}) as gross_amount,
            cast(sum(orders.discount_amount) as {{ type_total() }}) as discount_amount
        from {{ ref('order_measures') }} as orders
        inner join
            (select distinct id_namespace, order_id from {{ ref('order_measures') }} where not is_counted) as splits
            on orders.id_namespace = splits.id_namespace
            and orders.order_id = splits.order_id
        group by orders.id_namespace, orders.order_id

    ),

    ranked_deliveries as (

        select
            deliveries.*,
            row_number() over (
                partition by order_namespace, order_id order by ordered_at, source_name, _row_key
            ) as place,
            count(*) over (partition by order_namespace, order_id) as delivery_count
        from {{ ref('delivery_measures') }} as deliveries
        where order_id is not null

    ),

    deliveries as (select * from ranked_deliveries where place = 1)

select
    orders.id_namespace,
    orders.order_id,
    orders.source_name,
    orders.whole_order_date as order_date,
    coalesce(split_orders.ordered_at, orders.ordered_at) as ordered_at,
    {{ minute_of_day('coalesce(split_orders.ordered_at, orders.ordered_at)') }} as order_minute,
    orders.customer_id,
    coalesce({{ store_location_id('orders.store_id') }}, deliveries.from_location_id) as location_id,
    deliveries.staff_id as courier_id,
    deliveries.to_location_id as delivery_location_id,
    cast(deliveries.delivered_at as date) as delivered_date,
    {{ minute_of_day('deliveries.delivered_at') }} as delivered_minute,
    orders.channel,
    orders.status,
    orders.is_promoted,
    coalesce(split_orders.sale_line_count, orders.sale_line_count) as sale_line_count,
    coalesce(split_orders.unit_count, orders.unit_count) as unit_count,
    coalesce(split_orders.gross_amount, orders.gross_amount) as gross_amount,
    coalesce(split_orders.discount_amount, orders.discount_amount) as discount_amount,
    coalesce(split_orders.gross_amount, orders.gross_amount)
    + coalesce(split_orders.discount_amount, orders.discount_amount) as order_amount,
    coalesce(deliveries.delivery_count, 0) as delivery_count,
    deliveries.preparation_seconds / cast(60 as {{ type_double() }}) as preparation_minutes,
    deliveries.delivery_seconds / cast(60 as {{ type_double() }}) as delivery_minutes,
    deliveries.distance_metres / cast(1000 as {{ type_double() }}) as distance_km,
    deliveries.order_type,
    deliveries.traffic,
    deliveries.weather,
    deliveries.vehicle,
    deliveries.is_festival,
    orders.assumed
from {{ ref('order_measures') }} as orders
left join split_orders on orders.id_namespace = split_orders.id_namespace and orders.order_id = split_orders.order_id
left join deliveries on orders.id_namespace = deliveries.order_namespace and orders.order_id = deliveries.order_id
where orders.is_counted
