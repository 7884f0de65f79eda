with
    days as (

        select
            lines.customer_id,
            lines.order_date as activity_date,
            count(case when lines.line_kind = 'sale' then 1 end) as sale_line_count,
            cast(
                sum(case when lines.line_kind = 'sale' then lines.quantity else 0 end) as {{ type_amount() }}
            ) as unit_count,
            cast({{ gross_amount() }} as {{ type_amount() }}) as gross_amount,
            cast({{ discount_amount() }} as {{ type_amount() }}) as discount_amount,
            cast({{ refund_amount() }} as {{ type_amount() }}) as refund_amount,
            cast({{ net_amount() }} as {{ type_amount() }}) as net_amount
        from {{ ref('order_lines') }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        where lines.customer_id is not null
        group by lines.customer_id, lines.order_date

    )

select
    customer_id,
    activity_date,
    sale_line_count,
    unit_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    case
        when sale_line_count > 0
        then
            lead(activity_date) over (
                partition by customer_id, case when sale_line_count > 0 then 1 else 0 end order by activity_date
            )
    end as next_purchase_date
from days
