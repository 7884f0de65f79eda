{{ refresh(by=['customer_id'], follows='changed_lines') }}

with
    orders_of_first_day as (

        select
            orders.customer_id,
            orders.id_namespace,
            orders.order_id,
            orders.ordered_at,
            orders.order_date,
            cast(orders.gross_amount + orders.discount_amount as {{ type_total() }}) as spent_amount,
            row_number() over (
                partition by orders.customer_id order by orders.ordered_at, orders.id_namespace, orders.order_id
            ) as place
        from {{ affected(ref('order_measures')) }} as orders
        inner join
            {{ affected(ref('customer_totals')) }} as totals
            on orders.customer_id = totals.customer_id
            and orders.order_date = totals.first_order_date

    )

select customer_id, id_namespace, order_id, ordered_at, order_date, spent_amount
from orders_of_first_day
where place = 1
