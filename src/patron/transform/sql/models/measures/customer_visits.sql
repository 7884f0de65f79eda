{# A visit is an order, unless the shop maps visits: then it is what that source counts. #}
{% set is_mapped_visit = var('mapped_columns').get('visits') %}

with
    bounds as (select as_of_date, {{ plus_days('as_of_date', -365) }} as year_ago_date from {{ ref('as_of') }}),

    {% if is_mapped_visit -%}
        visited as (

            select
                customer_id,
                visit_count,
                coalesce(cast(visited_at as date), period_end_date) as visit_date,
                coalesce(cast(visited_at as date), period_start_date, period_end_date) as first_date
            from {{ ref('visits') }}

        ),

        counted as (

            select
                visited.customer_id,
                {{ whole_sum('visited.visit_count') }} as visit_count,
                {{ whole_sum('case when visited.visit_date > bounds.year_ago_date then visited.visit_count else 0 end') }}
                as last_year_visit_count,
                min(visited.first_date) as first_visit_date,
                max(bounds.as_of_date) as as_of_date
            from visited
            cross join bounds
            where visited.visit_date is null or visited.visit_date <= bounds.as_of_date
            group by visited.customer_id

        )
    {%- else -%}
        last_year as (

            select days.customer_id, {{ whole_sum('days.order_count') }} as order_count
            from {{ ref('customer_days') }} as days
            inner join bounds on days.activity_date > bounds.year_ago_date
            group by days.customer_id

        ),

        counted as (

            select
                totals.customer_id,
                totals.order_count as visit_count,
                coalesce(last_year.order_count, 0) as last_year_visit_count,
                totals.first_order_date as first_visit_date,
                bounds.as_of_date
            from {{ ref('customer_totals') }} as totals
            cross join bounds
            left join last_year on totals.customer_id = last_year.customer_id
            where totals.order_count > 0

        )
    {%- endif %}

select
    customer_id,
    visit_count,
    last_year_visit_count,
    first_visit_date,
    {{ per_week('visit_count', 'first_visit_date', 'as_of_date') }} as visits_per_week
from counted
