{# Customers by how one of their deliveries went, and whether they bought again (measures/delivery_cohort). Each group is
   compared with the customers of all other groups who had as many orders and as recent ones, and whose delivery was as
   long ago (macros/matching.sql). #}
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
{% set key = ['comparison', 'delivery', 'group_name'] %}
{% set strata = ['order_band', 'recency_band', 'calendar_band'] %}

with
    followed as (

        select cohort.*, couriers.rating_band
        from {{ ref('delivery_cohort') }} as cohort
        left join {{ ref('dim_courier') }} as couriers on cohort.staff_id = couriers.courier_id

    ),

    grouped as (

        {% for comparison, value in comparisons.items() -%}
            select
                '{{ comparison }}' as comparison,
                delivery,
                {{ value }} as group_name,
                {{ strata | join(', ') }},
                bought_again
            from followed {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    group_cells as (

        select
            {{ key | join(', ') }},
            {{ strata | join(', ') }},
            count(*) as case_count,
            {{ whole_sum('bought_again') }} as case_sum
        from grouped
        where group_name is not null
        group by {{ key | join(', ') }}, {{ strata | join(', ') }}

    ),

    all_cells as (

        select
            comparison,
            delivery,
            {{ strata | join(', ') }},
            {{ whole_sum('case_count') }} as case_count,
            {{ whole_sum('case_sum') }} as case_sum
        from group_cells
        group by comparison, delivery, {{ strata | join(', ') }}

    ),

    cells as (

        select
            group_cells.comparison,
            group_cells.delivery,
            group_cells.group_name,
            group_cells.case_count,
            all_cells.case_count - group_cells.case_count as other_count,
            cast(group_cells.case_sum as {{ type_double() }}) as case_sum,
            cast(all_cells.case_sum - group_cells.case_sum as {{ type_double() }}) as other_sum,
            cast(group_cells.case_sum as {{ type_double() }}) as case_squares,
            cast(all_cells.case_sum - group_cells.case_sum as {{ type_double() }}) as other_squares
        from group_cells
        inner join
            all_cells on group_cells.comparison = all_cells.comparison and group_cells.delivery = all_cells.delivery
            {% for column in strata %} and group_cells.{{ column }} = all_cells.{{ column }} {% endfor %}

    ),

    {{ means_of_cells(key) }},

    {{ differences_of_rates() }},

    {{ compare_many('differences') }},

    counted as (

        select
            {{ key | join(', ') }},
            {{ whole_sum('case_count') }} as customer_count,
            {{ whole_sum('case_sum') }} as repeat_customer_count
        from group_cells
        group by {{ key | join(', ') }}

    ),

    rated as ({{ with_rates('counted', {'repeat_rate': ['repeat_customer_count', 'customer_count']}) }})

select
    rated.comparison,
    rated.delivery,
    rated.group_name,
    rated.customer_count,
    rated.repeat_customer_count,
    rated.repeat_rate,
    rated.repeat_rate_low,
    rated.repeat_rate_high,
    coalesce(cast(compared.case_count as bigint), 0) as matched_count,
    rated.customer_count - coalesce(cast(compared.case_count as bigint), 0) as unmatched_count,
    compared.case_mean as matched_repeat_rate,
    coalesce(cast(compared.other_count as bigint), 0) as other_customer_count,
    compared.other_mean as other_repeat_rate,
    compared.difference,
    compared.difference_low,
    compared.difference_high,
    compared.p_value,
    coalesce(max(compared.compared_count) over (), 0) as compared_count,
    compared.adjusted_p_value,
    coalesce(compared.reading, 'too few to compare') as reading
from rated
left join
    compared
    on rated.comparison = compared.comparison
    and rated.delivery = compared.delivery
    and rated.group_name = compared.group_name
