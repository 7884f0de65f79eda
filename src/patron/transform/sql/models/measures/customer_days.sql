{{ refresh(by=['customer_id'], follows='changed_lines') }}

{% set to_date = 'over (partition by days.customer_id order by days.activity_date rows unbounded preceding)' %}

with
    days as (

        select
            lines.customer_id,
            lines.order_date as activity_date,
            count(case when lines.line_kind = 'sale' then 1 end) as sale_line_count,
            cast(
                sum(case when lines.line_kind = 'sale' then lines.quantity else 0 end) as {{ type_total() }}
            ) as unit_count,
            cast({{ gross_amount() }} as {{ type_total() }}) as gross_amount,
            cast({{ discount_amount() }} as {{ type_total() }}) as discount_amount,
            cast({{ refund_amount() }} as {{ type_total() }}) as refund_amount,
            cast({{ net_amount() }} as {{ type_total() }}) as net_amount
        from {{ affected(ref('order_lines')) }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        where lines.customer_id is not null
        group by lines.customer_id, lines.order_date

    ),

    orders as (

        select customer_id, order_date, count(*) as order_count
        from {{ affected(ref('order_measures')) }} as own_orders
        where customer_id is not null
        group by customer_id, order_date

    ),

    refunded as (

        select customer_id, order_date, count(*) as order_count, max(refunded_date) as refunded_date
        from {{ affected(ref('fully_refunded_orders')) }} as refunded_orders
        group by customer_id, order_date

    ),

    joined as (

        select
            days.*,
            coalesce(orders.order_count, 0) as order_count,
            case when refunded.order_count >= orders.order_count then refunded.refunded_date end as fully_refunded_date
        from days
        left join orders on days.customer_id = orders.customer_id and days.activity_date = orders.order_date
        left join refunded on days.customer_id = refunded.customer_id and days.activity_date = refunded.order_date

    )

select
    days.customer_id,
    days.activity_date,
    days.order_count,
    cast(sum(days.order_count) {{ to_date }} as bigint) as order_count_to_date,
    case
        when days.sale_line_count > 0 then count(case when days.sale_line_count > 0 then 1 end) {{ to_date }}
    end as purchase_day_number,
    days.sale_line_count,
    days.unit_count,
    days.gross_amount,
    days.discount_amount,
    days.refund_amount,
    days.net_amount,
    days.fully_refunded_date,
    min(case when days.sale_line_count > 0 then days.activity_date end) over (
        partition by days.customer_id
    ) as first_order_date,
    case
        when days.sale_line_count > 0
        then
            lead(days.activity_date) over (
                partition by days.customer_id, case when days.sale_line_count > 0 then 1 else 0 end
                order by days.activity_date
            )
    end as next_purchase_date,
    min(case when days.sale_line_count > 0 and days.fully_refunded_date is null then days.activity_date end) over (
        partition by days.customer_id order by days.activity_date rows between 1 following and unbounded following
    ) as next_kept_date
from joined as days
