{# The first and last day of any event: lines, and whatever other events the shop maps. #}
with
    events as (

        {% for event in var('event_times') -%}
            select cast({{ event['column'] }} as date) as event_date
            from {{ ref(event['entity']) }} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    bounds as (

        select min(event_date) as first_date, max(event_date) as last_date
        from events
        {% if var('as_of') != 'latest' %} where event_date <= cast('{{ var("as_of") }}' as date){% endif %}

    )

select
    {% if var('as_of') == 'latest' -%} {{ plus_days('last_date', 1) }} as as_of_date, first_date, last_date
    {%- else -%}
        cast('{{ var("as_of") }}' as date) as as_of_date, first_date, cast('{{ var("as_of") }}' as date) as last_date
    {%- endif %}
from bounds
where first_date is not null
