{# The first and last day of any event: lines, and any other events that the shop maps. The requested day is data,
   not a setting, so that another day does not make another project. #}
{% set is_latest = var('as_of') == 'latest' %}
with
    events as (

        {% for event in var('event_times') -%}
            select cast({{ event['column'] }} as date) as event_date
            from {{ ref(event['entity']) }} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    requested as (

        {% if is_latest -%}
            select {{ plus_days('max(event_date)', 1) }} as as_of_date, max(event_date) as last_date from events
        {%- else -%}
            select cast(as_of as date) as as_of_date, cast(as_of as date) as last_date
            from {{ source('meta', 'requested_as_of') }}
        {%- endif %}

    ),

    bounds as (

        select min(events.event_date) as first_date
        from events
        inner join requested on events.event_date <= requested.last_date

    )

select requested.as_of_date, bounds.first_date, requested.last_date
from requested
cross join bounds
where bounds.first_date is not null
