{{ refresh(by=['product_id'], follows='changed_lines') }}

select
    lines.product_id,
    lines.unit_price,
    count(*) as line_count,
    count(case when lines.line_kind = 'sale' then 1 end) as sale_line_count,
    count(case when lines.line_kind = 'adjustment' then 1 end) as adjustment_line_count,
    count(distinct case when lines.line_kind = 'sale' then lines.order_date end) as sale_day_count,
    min(lines.order_date) as first_line_date,
    max(lines.order_date) as last_line_date,
    min(case when lines.line_kind = 'sale' then lines.order_date end) as first_sale_date,
    max(case when lines.line_kind = 'sale' then lines.order_date end) as last_sale_date,
    sum(case when lines.line_kind = 'sale' then lines.quantity else 0 end) as unit_count,
    sum(case when lines.line_kind = 'return' then 0 - lines.quantity else 0 end) as returned_unit_count,
    {{ gross_amount() }} as gross_amount,
    {{ refund_amount() }} as refund_amount,
    {{ net_amount() }} as net_amount,
    {% if is_mapped('order_lines', 'cost_amount') -%}
        case
            when count(case when lines.line_kind = 'sale' and lines.cost_amount is null then 1 end) = 0
            then
                sum(
                    case
                        when lines.line_kind = 'sale'
                        then lines.cost_amount
                        when lines.line_kind = 'return'
                        then 0 - abs(coalesce(lines.cost_amount, 0))
                        else 0
                    end
                )
        end as line_cost_amount
    {%- else -%} cast(null as decimal(38, 4)) as line_cost_amount
    {%- endif %}
from {{ affected(ref('order_lines')) }} as lines
inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
where lines.product_id is not null
group by lines.product_id, lines.unit_price
