{# Everyone who carried a delivery by as_of, on file or not: staff who never did are not couriers. #}
{% set is_on_file = var('mapped_columns').get('staff') %}

with
    carried as (

        select
            staff_id,
            count(*) as delivery_count,
            min(ordered_date) as first_delivery_date,
            max(ordered_date) as last_delivery_date
        from {{ ref('delivery_measures') }}
        where staff_id is not null
        group by staff_id

    )

select
    carried.staff_id as courier_id,
    {% if is_on_file -%}
        staff.staff_name as courier_name,
        staff.store_id,
        staff.age_years,
        {{ band('staff.age_years', 'age_years') }} as age_band,
        staff.rating,
        {{ band('staff.rating', 'courier_rating') }} as rating_band,
        staff.started_date,
        staff.staff_id is not null as is_on_file,
    {%- else -%}
        {% for column in ['courier_name', 'store_id'] -%} cast(null as {{ type_text() }}) as {{ column }},
        {% endfor -%}
        cast(null as bigint) as age_years,
        cast(null as {{ type_text() }}) as age_band,
        cast(null as {{ type_double() }}) as rating,
        cast(null as {{ type_text() }}) as rating_band,
        cast(null as date) as started_date,
        false as is_on_file,
    {%- endif %}
    carried.delivery_count,
    carried.first_delivery_date,
    carried.last_delivery_date
from carried
{% if is_on_file %} left join {{ ref('staff') }} as staff on carried.staff_id = staff.staff_id {% endif %}
