{{ refresh(by=['id_namespace', 'order_id'], follows='changed_lines') }}

{% set promoted = [] %}
{% if is_mapped('order_lines', 'promotion_id') %} {% do promoted.append('lines.promotion_id is not null') %} {% endif %}
{% if is_mapped('order_lines', 'line_discount_amount') or is_mapped('orders', 'order_discount_amount') -%}
    {% do promoted.append('lines.line_discount_amount > 0') %}
{%- endif %}

with
    sale_orders as (

        select
            lines.id_namespace,
            lines.order_id,
            lines.customer_id,
            min(lines.source_name) as source_name,
            min(lines.ordered_at) as ordered_at,
            min(lines.order_date) as order_date,
            max(lines.order_date) as last_sale_date,
            min(lines._row_key) as first_row_key,
            {% for column in ['channel', 'store_id', 'status', 'region', 'assumed'] -%}
                {% if is_mapped('order_lines', column) %} min(lines.{{ column }}) as {{ column }},
                {% else %} cast(null as {{ type_text() }}) as {{ column }},
                {% endif -%}
            {% endfor -%}
            {% if promoted -%} max(case when {{ promoted | join(' or ') }} then 1 else 0 end) = 1 as is_promoted,
            {% else -%} false as is_promoted,
            {% endif -%}
            count(*) as sale_line_count,
            cast(sum(lines.quantity) as {{ type_total() }}) as unit_count,
            cast({{ gross_amount() }} as {{ type_total() }}) as gross_amount,
            cast({{ discount_amount() }} as {{ type_total() }}) as discount_amount
        from {{ affected(ref('order_lines')) }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        where lines.line_kind = 'sale'
        group by lines.id_namespace, lines.order_id, lines.customer_id

    ),

    {# an order whose lines name two customers is one order: of its first day, and counted with one of them #}
    shared_orders as (

        select
            id_namespace,
            order_id,
            min(order_date) as first_date,
            min(first_row_key) as first_row_key,
            max(customer_id) as counted_customer_id
        from sale_orders
        group by id_namespace, order_id
        having count(*) > 1

    )

select
    sale_orders.id_namespace,
    sale_orders.order_id,
    sale_orders.customer_id,
    sale_orders.source_name,
    sale_orders.ordered_at,
    sale_orders.order_date,
    sale_orders.last_sale_date,
    sale_orders.channel,
    sale_orders.store_id,
    sale_orders.status,
    sale_orders.region,
    sale_orders.assumed,
    sale_orders.is_promoted,
    sale_orders.sale_line_count,
    sale_orders.unit_count,
    sale_orders.gross_amount,
    sale_orders.discount_amount,
    coalesce(shared_orders.first_date, sale_orders.order_date) as whole_order_date,
    coalesce(shared_orders.first_row_key, sale_orders.first_row_key) as whole_order_number,
    shared_orders.order_id is null
    or coalesce(sale_orders.customer_id = shared_orders.counted_customer_id, false) as is_counted
from sale_orders
left join
    shared_orders
    on sale_orders.id_namespace = shared_orders.id_namespace
    and sale_orders.order_id = shared_orders.order_id
