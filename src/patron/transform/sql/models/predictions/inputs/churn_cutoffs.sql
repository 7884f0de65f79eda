{# Days of the past that the churn model looks ahead from. The newest one has 30 days after it, all of them seen; the
   oldest has 90 days before it to look back on. As as_of is the day after the last that is taken in, or that day itself, so is
   a cutoff: what is learnt of it is what is asked at as_of. #}
{{ config(materialized='view') }}

with
    days as (

        {% for number in range(1, var('churn_cutoffs') + 1) -%}
            select
                {{ plus_days('as_of_date', -30 * number) }} as as_of_date,
                {{ plus_days('last_date', -30 * number) }} as last_date,
                first_date
            from {{ ref('as_of') }} {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select as_of_date, last_date
from days
where {{ plus_days('first_date', 89) }} <= last_date
