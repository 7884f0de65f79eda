{# The input of product affinity. Orders are numbered: pairs of numbers take a fraction of the memory and time that
   pairs of texts do. #}
{{ refresh(by=['id_namespace', 'order_id'], follows='changed_lines') }}

{% set is_asked = is_mapped('order_lines', 'product_id') %}

with
    baskets as (

        select id_namespace, order_id, customer_id, whole_order_number as basket_number, whole_order_date as basket_date
        from {{ affected(ref('order_measures')) }} as orders
        where is_counted and 1 = {{ 1 if is_asked else 0 }}

    ),

    held as (

        select baskets.basket_number, lines.product_id, count(*) as sale_line_count
        from {{ affected(ref('order_lines')) }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        inner join baskets on lines.id_namespace = baskets.id_namespace and lines.order_id = baskets.order_id
        where lines.line_kind = 'sale' and lines.product_id is not null and 1 = {{ 1 if is_asked else 0 }}
        group by baskets.basket_number, lines.product_id

    ),

    sizes as (

        select basket_number, count(*) as basket_product_count, min(product_id) as first_product_id
        from held
        group by basket_number

    )

select
    baskets.id_namespace,
    baskets.order_id,
    baskets.customer_id,
    baskets.basket_number,
    baskets.basket_date,
    held.product_id,
    held.sale_line_count,
    sizes.basket_product_count,
    held.product_id = sizes.first_product_id as is_first_product
from held
inner join sizes on held.basket_number = sizes.basket_number
inner join baskets on held.basket_number = baskets.basket_number
