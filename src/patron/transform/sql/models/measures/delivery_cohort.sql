{# Customers at two moments, each with one delivery and whether they bought again within deliveries.follow_up_days: on a
   later day, since a purchase on the day of the order may be the same visit. The first delivery counts from its own
   day. Which one is the last is known only on some day: it is the last by time zero, the follow-up days before the last
   day, and counts from then. #}
{% set follow_up = var('delivery_follow_up_days') %}

with
    bounds as (select first_date, {{ plus_days('as_of_date', -follow_up) }} as zero_date from {{ ref('as_of') }}),

    placed as (

        select
            deliveries.*,
            bounds.first_date,
            bounds.zero_date,
            row_number() over (
                partition by deliveries.customer_id
                order by deliveries.ordered_at, deliveries.source_name, deliveries._row_key
            ) as place,
            row_number() over (
                partition by deliveries.customer_id
                order by deliveries.ordered_at desc, deliveries.source_name desc, deliveries._row_key desc
            ) as place_from_last
        from {{ ref('delivery_measures') }} as deliveries
        inner join bounds on deliveries.ordered_date <= bounds.zero_date
        where deliveries.customer_id is not null

    ),

    chosen as (

        select
            'first' as delivery,
            placed.*,
            placed.ordered_date as counted_after,
            {{ whole_divide(days_between('placed.first_date', 'placed.ordered_date'), follow_up) }} as calendar_band
        from placed
        where place = 1
        union all
        select
            'last' as delivery,
            placed.*,
            placed.zero_date as counted_after,
            {{ days_band(days_between('placed.ordered_date', 'placed.zero_date')) }} as calendar_band
        from placed
        where place_from_last = 1

    ),

    histories as (

        select
            chosen.customer_id,
            chosen.delivery,
            chosen.counted_after,
            {{ whole_sum('case when days.activity_date <= chosen.counted_after then days.order_count else 0 end') }}
            as order_count,
            max(
                case
                    when days.sale_line_count > 0 and days.activity_date <= chosen.counted_after then days.activity_date
                end
            ) as last_order_date,
            max(
                case when days.sale_line_count > 0 and days.activity_date > chosen.counted_after then 1 else 0 end
            ) as bought_again
        from chosen
        left join
            {{ ref('customer_days') }} as days
            on chosen.customer_id = days.customer_id
            and days.activity_date <= {{ plus_days('chosen.counted_after', follow_up) }}
        group by chosen.customer_id, chosen.delivery, chosen.counted_after

    )

select
    chosen.customer_id,
    chosen.delivery,
    chosen.counted_after,
    chosen.calendar_band,
    {{ order_band('histories.order_count') }} as order_band,
    {{ days_band('coalesce(' ~ days_between('histories.last_order_date', 'chosen.counted_after') ~ ', 0)') }}
    as recency_band,
    chosen.delivery_seconds,
    chosen.preparation_seconds,
    chosen.distance_metres,
    chosen.staff_id,
    chosen.traffic,
    chosen.weather,
    chosen.is_festival,
    chosen.vehicle,
    chosen.multiple_delivery_count,
    histories.bought_again
from chosen
inner join histories on chosen.customer_id = histories.customer_id and chosen.delivery = histories.delivery
