{% set limits = var('questions')['golden_baskets'] %}
{% set level = 'department' if is_mapped('products', 'department') else 'category' %}
{% set is_asked = is_mapped('products', level) and is_mapped('order_lines', 'product_id') %}

with
    regulars as (

        select *
        from {{ ref('customer_labels') }}
        where order_count >= {{ limits['least_orders'] }} {{ '' if is_asked else 'and 1 = 0' }}

    ),

    cuts as ({{ least_at_percentile('average_order_value', 'regulars', limits['percentile']) }}),

    high_spenders as (

        select regulars.*, cuts.least_value as golden_from_order_value
        from regulars
        inner join cuts on regulars.average_order_value >= cuts.least_value

    ),

    {# only the lines of these few customers #}
    departments as (

        select lines.customer_id, products.{{ level }} as department
        from {{ ref('order_lines') }} as lines
        inner join high_spenders on lines.customer_id = high_spenders.customer_id
        inner join {{ ref('products') }} as products on lines.product_id = products.product_id
        where
            lines.line_kind = 'sale'
            and lines.order_date <= high_spenders.as_of_date
            and products.{{ level }} is not null
        group by lines.customer_id, products.{{ level }}

    ),

    breadth as (

        select customer_id, count(*) as department_count
        from departments
        group by customer_id
        having count(*) >= {{ limits['least_departments'] }}

    )

select
    high_spenders.customer_id,
    high_spenders.average_order_value,
    high_spenders.golden_from_order_value,
    breadth.department_count,
    high_spenders.order_count,
    high_spenders.net_amount,
    high_spenders.last_order_date,
    high_spenders.days_since_last_order,
    high_spenders.segment,
    high_spenders.clv_tier
from high_spenders
inner join breadth on high_spenders.customer_id = breadth.customer_id
