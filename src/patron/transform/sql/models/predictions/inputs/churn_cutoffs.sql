{# Past days from which the churn model looks ahead. The latest has 30 days after it, all observed; the
   earliest has 90 days before it to look back on. What is learned at a cutoff is what is asked at as_of. #}
{{ config(materialized='view') }}

with
    days as (

        {% for number in range(1, var('churn_cutoffs') + 1) -%}
            select {{ plus_days('as_of_date', -30 * number) }} as as_of_date, first_date
            from {{ ref('as_of') }} {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select as_of_date
from days
where {{ plus_days('first_date', 89) }} <= as_of_date
