{# Customers by how one of their deliveries went, and whether they bought again within the follow-up days: on a later
   day, since a purchase on the day of the order may be the same visit. A delivery whose follow-up days have not passed by
   as_of has no outcome yet, so the last delivery is the last one that has. Each group is compared with all the others. #}
{% set comparisons = {
    'delivery_minutes': band('delivery_seconds / 60.0', 'delivery_minutes'),
    'preparation_minutes': band('preparation_seconds / 60.0', 'preparation_minutes'),
    'distance_km': band('distance_metres / 1000.0', 'distance_km'),
    'courier_rating': 'rating_band',
    'traffic': 'traffic',
    'weather': 'weather',
    'festival': "case when is_festival then 'yes' when not is_festival then 'no' end",
    'vehicle': 'vehicle',
    'multiple_deliveries': 'cast(multiple_delivery_count as ' ~ type_text() ~ ')',
} %}
{% set follow_up = var('delivery_follow_up_days') %}

with
    followed as (

        select
            deliveries.*,
            row_number() over (
                partition by deliveries.customer_id
                order by deliveries.ordered_at, deliveries.source_name, deliveries._row_key
            ) as place,
            row_number() over (
                partition by deliveries.customer_id
                order by deliveries.ordered_at desc, deliveries.source_name desc, deliveries._row_key desc
            ) as place_from_last
        from {{ ref('delivery_measures') }} as deliveries
        inner join
            {{ ref('as_of') }} as bounds on {{ plus_days('deliveries.ordered_date', follow_up) }} < bounds.as_of_date
        where deliveries.customer_id is not null

    ),

    outcomes as (

        select
            followed.source_name,
            followed._row_key,
            case when max(days.activity_date) is not null then 1 else 0 end as bought_again
        from followed
        left join
            {{ ref('customer_days') }} as days
            on followed.customer_id = days.customer_id
            and days.sale_line_count > 0
            and days.activity_date > followed.ordered_date
            and days.activity_date <= {{ plus_days('followed.ordered_date', follow_up) }}
        where followed.place = 1 or followed.place_from_last = 1
        group by followed.source_name, followed._row_key

    ),

    chosen as (

        select followed.*, couriers.rating_band, outcomes.bought_again
        from followed
        inner join outcomes on followed.source_name = outcomes.source_name and followed._row_key = outcomes._row_key
        left join {{ ref('dim_courier') }} as couriers on followed.staff_id = couriers.courier_id

    ),

    grouped as (

        {% for comparison, value in comparisons.items() -%}
            {%- set last_comparison = loop.last -%}
            {%- for moment, condition in {'first': 'place = 1', 'last': 'place_from_last = 1'}.items() -%}
                select
                    '{{ comparison }}' as comparison,
                    '{{ moment }}' as delivery,
                    {{ value }} as group_name,
                    bought_again
                from chosen
                where {{ condition }} {{ 'union all' if not (loop.last and last_comparison) }}
            {% endfor -%}
        {% endfor %}
    ),

    counted as (

        select
            comparison,
            delivery,
            group_name,
            count(*) as customer_count,
            {{ whole_sum('bought_again') }} as repeat_customer_count
        from grouped
        where group_name is not null
        group by comparison, delivery, group_name

    ),

    beside as (

        select
            counted.*,
            totals.customer_count - counted.customer_count as other_customer_count,
            totals.repeat_customer_count - counted.repeat_customer_count as other_repeat_count
        from counted
        inner join
            (
                select
                    comparison,
                    delivery,
                    {{ whole_sum('customer_count') }} as customer_count,
                    {{ whole_sum('repeat_customer_count') }} as repeat_customer_count
                from counted
                group by comparison, delivery
            ) as totals
            on counted.comparison = totals.comparison
            and counted.delivery = totals.delivery

    ),

    rated as (
        {{ with_rates('beside', {
        'repeat_rate': ['repeat_customer_count', 'customer_count'],
        'other_repeat_rate': ['other_repeat_count', 'other_customer_count'],
    }) }}
    ),

    compared as ({{ with_difference('rated', 'repeat_rate', 'other_repeat_rate') }})

select
    comparison,
    delivery,
    group_name,
    customer_count,
    repeat_customer_count,
    repeat_rate,
    repeat_rate_low,
    repeat_rate_high,
    other_customer_count,
    other_repeat_rate,
    difference,
    difference_low,
    difference_high,
    {{ reading('difference_low', 'difference_high') }} as reading
from compared
