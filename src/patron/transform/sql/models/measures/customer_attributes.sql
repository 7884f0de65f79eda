{# Other information from sources about customers, one answer per row. The attributes are known when the project is rendered. #}
with
    customers as (select customer_id, attributes from {{ ref('customers') }} where attributes is not null),

    answers as ({{ attribute_rows('customers', var('attributes')) }})

select customer_id, attribute, answer
from answers
where answer is not null
