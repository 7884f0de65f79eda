with
    events as (

        select min(order_date) as first_date, max(order_date) as last_date
        from {{ ref('order_lines') }}
        {% if var('as_of') != 'latest' %} where order_date <= cast('{{ var("as_of") }}' as date){% endif %}

    )

select
    {% if var('as_of') == 'latest' -%} {{ plus_days('last_date', 1) }} as as_of_date, first_date, last_date
    {%- else -%}
        cast('{{ var("as_of") }}' as date) as as_of_date, first_date, cast('{{ var("as_of") }}' as date) as last_date
    {%- endif %}
from events
where first_date is not null
