{{ refresh(by=['customer_id'], follows='changed_lines') }}

{# Whether an order was refunded in full: under its own number, or by a document of refunds alone that is worth exactly as much. Such a
   document belongs to the customer's latest order of its worth that is not refunded yet, so each order and each document counts once:
   like brackets, which close what was opened last. #}
{% set in_order = 'order by order_date, step desc, ordered_at, id_namespace, order_id' %}

with
    refunded_customers as (

        select distinct customer_id
        from {{ affected(ref('order_lines')) }} as returned
        where line_kind = 'return' and customer_id is not null

    ),

    documents as (

        select
            lines.customer_id,
            lines.id_namespace,
            lines.order_id,
            min(case when lines.line_kind = 'sale' then lines.order_date end) as order_date,
            min(case when lines.line_kind = 'sale' then lines.ordered_at end) as ordered_at,
            max(case when lines.line_kind = 'return' then lines.order_date end) as refunded_date,
            max(case when lines.line_kind = 'return' then lines.ordered_at end) as refunded_at,
            cast(
                round(
                    sum(case when lines.line_kind in ('sale', 'discount') then lines.line_amount else 0 end), 2
                ) as {{ type_total() }}
            ) as sold_amount,
            cast(
                round(
                    - sum(case when lines.line_kind = 'return' then lines.line_amount else 0 end), 2
                ) as {{ type_total() }}
            ) as refunded_amount
        from {{ affected(ref('order_lines')) }} as lines
        inner join refunded_customers on lines.customer_id = refunded_customers.customer_id
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        group by lines.customer_id, lines.id_namespace, lines.order_id

    ),

    brackets as (

        select customer_id, id_namespace, order_id, order_date, ordered_at, sold_amount as amount, 1 as step
        from documents
        where order_date is not null and refunded_date is null and sold_amount > 0
        union all
        select customer_id, id_namespace, order_id, refunded_date, refunded_at, refunded_amount, -1
        from documents
        where order_date is null and refunded_amount > 0

    ),

    counted as (

        select
            brackets.*,
            sum(step) over (partition by customer_id, amount {{ in_order }} rows unbounded preceding) as open_count
        from brackets

    ),

    paired as (

        select
            counted.*,
            lead(step) over (
                partition by
                    customer_id, amount, case when step = 1 then open_count else open_count + 1 end {{ in_order }}
            ) as next_step,
            lead(order_date) over (
                partition by
                    customer_id, amount, case when step = 1 then open_count else open_count + 1 end {{ in_order }}
            ) as refunded_date
        from counted

    )

select customer_id, id_namespace, order_id, order_date, refunded_date
from paired
where step = 1 and next_step = -1
union all
select customer_id, id_namespace, order_id, order_date, refunded_date
from documents
where order_date is not null and sold_amount > 0 and refunded_amount >= sold_amount
