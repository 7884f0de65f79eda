with
    sale_orders as (

        select
            lines.id_namespace,
            lines.order_id,
            lines.customer_id,
            min(lines.source_name) as source_name,
            min(lines.ordered_at) as ordered_at,
            min(lines.order_date) as order_date,
            count(*) as sale_line_count,
            cast(sum(lines.quantity) as {{ type_amount() }}) as unit_count,
            cast({{ gross_amount() }} as {{ type_amount() }}) as gross_amount,
            cast({{ discount_amount() }} as {{ type_amount() }}) as discount_amount
        from {{ ref('order_lines') }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        where lines.line_kind = 'sale'
        group by lines.id_namespace, lines.order_id, lines.customer_id

    )

select
    id_namespace,
    order_id,
    customer_id,
    source_name,
    ordered_at,
    order_date,
    sale_line_count,
    unit_count,
    gross_amount,
    discount_amount,
    case
        when customer_id is not null
        then row_number() over (partition by customer_id order by ordered_at, id_namespace, order_id)
    end as order_number
from sale_orders
