{# Locations by what they are, not by the rows that name them: a store is its id, on file or not; a point is its coordinates
   on a grid, whichever deliveries begin or end there. #}
{% set is_on_file = var('mapped_columns').get('stores') %}
{% set named_by = [] %}
{% if is_mapped('order_lines', 'store_id') %} {% do named_by.append(ref('order_measures')) %} {% endif %}
{% if is_on_file %} {% do named_by.append(ref('stores')) %} {% endif %}
{% set scale = 'cast(' ~ var('location_scale') ~ ' as ' ~ type_double() ~ ')' %}

with
    ends as (

        select
            from_location_id as location_id,
            store_id,
            {{ grid_number('from_latitude') }} as grid_latitude,
            {{ grid_number('from_longitude') }} as grid_longitude,
            city,
            area,
            1 as is_start
        from {{ ref('delivery_measures') }}
        where from_location_id is not null
        union all
        select
            to_location_id as location_id,
            cast(null as {{ type_text() }}) as store_id,
            {{ grid_number('to_latitude') }} as grid_latitude,
            {{ grid_number('to_longitude') }} as grid_longitude,
            city,
            area,
            0 as is_start
        from {{ ref('delivery_measures') }}
        where to_location_id is not null

    ),

    points as (

        select location_id, store_id, grid_latitude, grid_longitude, count(*) as delivery_count
        from ends
        where grid_latitude is not null and grid_longitude is not null
        group by location_id, store_id, grid_latitude, grid_longitude

    ),

    {# where most of a store's deliveries begin #}
    usual as (

        select
            location_id,
            grid_latitude,
            grid_longitude,
            row_number() over (
                partition by location_id order by delivery_count desc, grid_latitude, grid_longitude, store_id
            ) as place
        from points

    ),

    seen as (

        select
            location_id,
            max(store_id) as store_id,
            min(city) as city,
            min(area) as area,
            max(is_start) as is_start,
            max(1 - is_start) as is_end
        from ends
        group by location_id
        {% for stores in named_by -%}
            union all
            select
                {{ store_location_id('store_id') }} as location_id,
                store_id,
                cast(null as {{ type_text() }}) as city,
                cast(null as {{ type_text() }}) as area,
                0 as is_start,
                0 as is_end
            from {{ stores }}
            where store_id is not null
            group by store_id
        {% endfor %}
    ),

    places as (

        select
            location_id,
            max(store_id) as store_id,
            min(city) as city,
            min(area) as area,
            max(is_start) as is_start,
            max(is_end) as is_end
        from seen
        group by location_id

    )

select
    places.location_id,
    case when places.store_id is null then 'point' else 'store' end as location_kind,
    places.store_id,
    {% if is_on_file -%}
        stores.store_name,
        coalesce(stores.city, places.city) as city,
        stores.region,
        stores.country,
        coalesce(stores.latitude, usual.grid_latitude / {{ scale }}) as latitude,
        coalesce(stores.longitude, usual.grid_longitude / {{ scale }}) as longitude,
    {%- else -%}
        cast(null as {{ type_text() }}) as store_name,
        places.city,
        cast(null as {{ type_text() }}) as region,
        cast(null as {{ type_text() }}) as country,
        usual.grid_latitude / {{ scale }} as latitude,
        usual.grid_longitude / {{ scale }} as longitude,
    {%- endif %}
    places.area,
    places.is_start = 1 as is_delivered_from,
    places.is_end = 1 as is_delivered_to
from places
left join usual on places.location_id = usual.location_id and usual.place = 1
{% if is_on_file %} left join {{ ref('stores') }} as stores on places.store_id = stores.store_id {% endif %}
