{{ refresh(by=['order_date'], follows='changed_lines') }}

select
    lines.order_date,
    coalesce(lines.channel, 'unknown') as channel,
    count(case when lines.line_kind = 'sale' then 1 end) as sale_line_count,
    sum(case when lines.line_kind = 'sale' then lines.quantity else 0 end) as unit_count,
    {{ gross_amount() }} as gross_amount,
    {{ discount_amount() }} as discount_amount,
    {{ refund_amount() }} as refund_amount,
    {{ net_amount() }} as net_amount
from {{ affected(ref('order_lines')) }} as lines
inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
where 1 = {{ 1 if is_mapped('order_lines', 'channel') else 0 }}
group by lines.order_date, coalesce(lines.channel, 'unknown')
