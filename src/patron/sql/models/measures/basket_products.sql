{# What affinity is counted from. Orders and articles are numbered: pairs of numbers take a fraction of the memory and time
   that pairs of texts do, and the numbers hang on nothing but the ids. #}
{% set window_days = var('questions')['product_affinity']['window_days'] %}
{% set is_asked = is_mapped('order_lines', 'product_id') %}

with
    baskets as (

        select
            orders.id_namespace,
            orders.order_id,
            row_number() over (order by orders.id_namespace, orders.order_id) as basket_number
        from {{ ref('order_measures') }} as orders
        inner join {{ ref('as_of') }} as bounds on orders.whole_order_date <= bounds.as_of_date
        where
            orders.is_counted and 1 = {{ 1 if is_asked else 0 }}
            {% if window_days %}
                and orders.whole_order_date > {{ plus_days('bounds.as_of_date', -window_days) }}
            {% endif %}

    ),

    articles as (

        select product_id, row_number() over (order by product_id) as product_number
        from {{ ref('product_prices') }}
        where sale_line_count > 0
        group by product_id

    ),

    held as (

        select baskets.basket_number, articles.product_number, count(*) as sale_line_count
        from {{ ref('order_lines') }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        inner join baskets on lines.id_namespace = baskets.id_namespace and lines.order_id = baskets.order_id
        inner join articles on lines.product_id = articles.product_id
        where lines.line_kind = 'sale' and 1 = {{ 1 if is_asked else 0 }}
        group by baskets.basket_number, articles.product_number

    ),

    sizes as (select basket_number, count(*) as basket_product_count from held group by basket_number)

select held.basket_number, held.product_number, articles.product_id, held.sale_line_count, sizes.basket_product_count
from held
inner join sizes on held.basket_number = sizes.basket_number
inner join articles on held.product_number = articles.product_number
