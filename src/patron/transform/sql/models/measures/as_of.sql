{# The day that everything is measured at, and the first day of the calendar. as_of is the end of that day, however it is
   written: latest is the last day with an order line that counts. Other events neither move it nor start a calendar (sessions
   that reach a month beyond the receipts would make every customer look lost), unless the shop has no such line. The
   requested day is data, not a setting, so that another day does not make another project. #}
with
    receipts as (
        select order_date as event_date from {{ ref('order_lines') }} where {{ is_counted_line('line_kind') }}
    ),

    other_events as (

        {% for event in var('event_times') -%}
            select cast({{ event['column'] }} as date) as event_date
            from {{ ref(event['entity']) }} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    events as (

        select event_date
        from receipts
        union all
        select event_date
        from other_events
        where not exists (select 1 from receipts)

    ),

    requested as (

        {% if var('as_of') == 'latest' -%}select max(event_date) as as_of_date from events
        {%- else -%}select cast(as_of as date) as as_of_date from {{ source('meta', 'requested_as_of') }}
        {%- endif %}

    )

select requested.as_of_date, min(events.event_date) as first_date
from requested
inner join events on events.event_date <= requested.as_of_date
group by requested.as_of_date
