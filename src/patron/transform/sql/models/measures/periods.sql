{# Days, weeks, months, quarters and years of the calendar. #}
{% set periods = ['day', 'week', 'month', 'quarter', 'year'] %}

with
    {% for period in periods -%}
        {{ period }}s as (

            select period_start_date, min(calendar_date) as first_day, max(calendar_date) as last_day
            from
                (
                    select calendar_date, {{ period_start(period, 'calendar_date') }} as period_start_date
                    from {{ ref('calendar') }}
                ) as d
            group by period_start_date

        ),

    {% endfor %}
    bounds as (select * from {{ ref('as_of') }}),

    every_period as (

        {% for period in periods -%}
            select
                '{{ period }}' as period_kind,
                period_start_date,
                first_day,
                last_day,
                {{ next_period_start(period, 'period_start_date') }} as next_start_date
            from {{ period }}s {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    reasoned as (

        select
            every_period.*,
            {{ incomplete_reason('period_start_date', 'next_start_date', 'bounds.first_date', 'bounds.as_of_date') }}
            as incomplete_reason
        from every_period
        cross join bounds

    )

select
    period_kind,
    period_start_date,
    first_day,
    last_day,
    next_start_date,
    incomplete_reason is null as is_complete,
    incomplete_reason
from reasoned
