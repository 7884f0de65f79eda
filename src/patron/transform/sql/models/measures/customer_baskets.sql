{# What a day's basket contained, for predictions: counted once, so that a prediction need not read lines. #}
{{ refresh(by=['customer_id'], follows='changed_lines') }}

{% set has_products, has_channel = is_mapped('order_lines', 'product_id'), is_mapped('order_lines', 'channel') %}
{% set is_asked = var('is_churn_predicted') and (has_products or has_channel) %}

with
    articles as (

        select
            lines.customer_id,
            lines.order_date,
            {{ 'lines.product_id' if has_products else 'cast(null as ' ~ type_text() ~ ')' }} as product_id,
            min(lines.channel) as channel
        from {{ affected(ref('order_lines')) }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        where lines.customer_id is not null and lines.line_kind = 'sale' and 1 = {{ 1 if is_asked else 0 }}
        group by lines.customer_id, lines.order_date {{ ', lines.product_id' if has_products }}

    )

select customer_id, order_date as activity_date, count(product_id) as product_count, min(channel) as channel
from articles
group by customer_id, order_date
