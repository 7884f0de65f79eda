{# Days, weeks and months of the calendar up to its last day. A period is over once a later one has begun by as_of. #}
{% set periods = ['day', 'week', 'month'] %}

with
    bounds as (select * from {{ ref('as_of') }}),

    every_day as (

        select calendar_date
        from {{ ref('calendar') }}
        union all
        {# latest is a day after the last event, and may be the first day of a later period #}
        select as_of_date as calendar_date
        from bounds
        where as_of_date > last_date

    ),

    {% for period in periods -%}
        {{ period }}s as (

            select
                period_start_date,
                min(calendar_date) as first_day,
                max(calendar_date) as last_day,
                lead(period_start_date) over (order by period_start_date) as next_start_date
            from
                (
                    select calendar_date, {{ period_start(period, 'calendar_date') }} as period_start_date
                    from every_day
                ) as d
            group by period_start_date

        ){{ ',' if not loop.last }}

    {% endfor %}

{% for period in periods -%}
    select
        '{{ period }}' as period_kind,
        period_start_date,
        first_day,
        case when last_day > bounds.last_date then bounds.last_date else last_day end as last_day,
        next_start_date,
        next_start_date is not null as is_complete
    from {{ period }}s
    inner join bounds on first_day <= bounds.last_date {{ 'union all' if not loop.last }}
{% endfor %}
