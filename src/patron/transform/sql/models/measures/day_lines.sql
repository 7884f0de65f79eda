{{ refresh(by=['order_date'], follows='changed_lines') }}

select
    lines.order_date,
    count(*) as line_count,
    count(case when lines.line_kind = 'sale' then 1 end) as sale_line_count,
    sum(case when lines.line_kind = 'sale' then lines.quantity else 0 end) as unit_count,
    {{ gross_amount() }} as gross_amount,
    {{ discount_amount() }} as discount_amount,
    {{ refund_amount() }} as refund_amount,
    {{ net_amount() }} as net_amount,
    sum(
        case
            when
                lines.line_kind
                in ('free', 'adjustment', 'bad_debt', 'charge', 'gift_card', 'invalid', 'not_completed', 'test')
            then lines.line_amount
            else 0
        end
    ) as other_amount
from {{ affected(ref('order_lines')) }} as lines
inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
group by lines.order_date
