{# Reads the deliveries once for each factor. #}
{% set factors = {
    'all': "'all'",
    'courier_rating': 'rating_band',
    'courier_age': 'age_band',
    'delivery_minutes': band('deliveries.delivery_seconds / 60.0', 'delivery_minutes'),
    'preparation_minutes': band('deliveries.preparation_seconds / 60.0', 'preparation_minutes'),
    'distance_km': band('deliveries.distance_metres / 1000.0', 'distance_km'),
    'traffic': 'deliveries.traffic',
    'weather': 'deliveries.weather',
    'festival': "case when deliveries.is_festival then 'yes' when not deliveries.is_festival then 'no' end",
    'vehicle': 'deliveries.vehicle',
    'vehicle_condition': 'cast(deliveries.vehicle_condition as ' ~ type_text() ~ ')',
    'multiple_deliveries': 'cast(deliveries.multiple_delivery_count as ' ~ type_text() ~ ')',
    'order_type': 'deliveries.order_type',
    'city_type': 'deliveries.city_type',
    'city': 'deliveries.city',
    'day_part': band('extract(hour from deliveries.ordered_at)', 'hour_of_day'),
} %}

with
    deliveries as (

        select deliveries.*, couriers.rating_band, couriers.age_band
        from {{ ref('delivery_measures') }} as deliveries
        left join {{ ref('dim_courier') }} as couriers on deliveries.staff_id = couriers.courier_id

    ),

    factor_values as (

        {% for factor, value in factors.items() -%}
            select
                '{{ factor }}' as factor,
                {{ value }} as factor_value,
                delivery_seconds,
                preparation_seconds,
                distance_metres
            from deliveries {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select
    factor,
    coalesce(factor_value, 'unknown') as factor_value,
    count(*) as delivery_count,
    count(delivery_seconds) as timed_delivery_count,
    {{ mean_of_whole('delivery_seconds', 60) }} as average_delivery_minutes,
    count(preparation_seconds) as prepared_delivery_count,
    {{ mean_of_whole('preparation_seconds', 60) }} as average_preparation_minutes,
    count(distance_metres) as measured_delivery_count,
    {{ mean_of_whole('distance_metres', 1000) }} as average_distance_km
from factor_values
group by factor, coalesce(factor_value, 'unknown')
