{# What else sources say of customers, one answer a row. The attributes are known when the project is rendered. #}
with
    customers as (select customer_id, attributes from {{ ref('customers') }} where attributes is not null),

    answers as (

        {% for name in var('attributes') -%}
            select
                customer_id,
                '{{ dbt.escape_single_quotes(name) }}' as attribute,
                {{ json_value('attributes', name) }} as answer
            from customers
            union all
        {% endfor %}
        select customer_id, attributes as attribute, attributes as answer
        from customers
        where 1 = 0

    )

select customer_id, attribute, answer
from answers
where answer is not null
