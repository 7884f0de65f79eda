{# Deliveries by as_of with what follows from them. What happened after as_of is not known yet. Order ids belong to
   their source: a delivery belongs to the order with that id in its own namespace or, if there is none, to
   the only order with that id in the shop. #}
with
    bounds as (select as_of_date from {{ ref('as_of') }}),

    deliveries as (

        select deliveries.*
        from {{ ref('deliveries') }} as deliveries
        inner join bounds on deliveries.ordered_date <= bounds.as_of_date

    ),

    candidates as (

        select
            deliveries.source_name,
            deliveries._row_key,
            max(case when orders.id_namespace = deliveries.id_namespace then orders.id_namespace end) as own_namespace,
            max(orders.id_namespace) as other_namespace,
            count(*) as order_count
        from deliveries
        inner join {{ ref('order_measures') }} as orders on deliveries.order_id = orders.order_id
        where orders.is_counted
        group by deliveries.source_name, deliveries._row_key

    ),

    matched as (

        select
            source_name,
            _row_key,
            coalesce(own_namespace, case when order_count = 1 then other_namespace end) as order_namespace
        from candidates

    ),

    timed as (

        select
            deliveries.*,
            matched.order_namespace,
            coalesce(deliveries.customer_id, orders.customer_id) as receiver_id,
            case
                when
                    deliveries.delivered_at >= deliveries.ordered_at
                    and cast(deliveries.delivered_at as date) <= bounds.as_of_date
                then deliveries.delivered_at
            end as known_delivered_at,
            {{ seconds_between('deliveries.ordered_at', 'deliveries.picked_up_at') }} as preparation_seconds,
            {{ seconds_between('deliveries.ordered_at', 'deliveries.delivered_at') }} as reckoned_seconds,
            cast(round(deliveries.stated_delivery_minutes * 60) as bigint) as stated_seconds,
            {{ distance_metres(
                'deliveries.from_latitude', 'deliveries.from_longitude', 'deliveries.to_latitude', 'deliveries.to_longitude'
            ) }}
            as distance_metres
        from deliveries
        cross join bounds
        left join matched on deliveries.source_name = matched.source_name and deliveries._row_key = matched._row_key
        left join
            {{ ref('order_measures') }} as orders
            on matched.order_namespace = orders.id_namespace
            and deliveries.order_id = orders.order_id
            and orders.is_counted

    )

select
    source_name,
    _row_key,
    id_namespace,
    delivery_id,
    order_namespace,
    case when order_namespace is not null then order_id end as order_id,
    receiver_id as customer_id,
    staff_id,
    store_id,
    ordered_at,
    ordered_date,
    known_delivered_at as delivered_at,
    preparation_seconds,
    case
        when known_delivered_at is not null
        then reckoned_seconds
        when delivered_at is null or delivered_at < ordered_at
        then stated_seconds
    end as delivery_seconds,
    distance_metres,
    coalesce(
        {{ store_location_id('store_id') }}, {{ point_id('from_latitude', 'from_longitude') }}
    ) as from_location_id,
    {{ point_id('to_latitude', 'to_longitude') }} as to_location_id,
    from_latitude,
    from_longitude,
    to_latitude,
    to_longitude,
    order_type,
    weather,
    traffic,
    vehicle,
    vehicle_condition,
    multiple_delivery_count,
    city,
    area,
    city_type,
    is_festival
from timed
