{# Costs come from the lines or the article file, so margins cover only articles with a known cost. A shop without a single return line
   does not record returns: then a stated return rate is shown, if there is one. #}
{% set levels = [] %}
{% for level in ['department', 'category'] if is_mapped('products', level) -%}
    {% do levels.append(level) %}
{%- endfor %}
{% set double = type_double() %}

with
    sold as (

        select
            product_id,
            sum(unit_count) as unit_count,
            sum(returned_unit_count) as returned_unit_count,
            {{ whole_sum('sale_line_count') }} as sale_line_count,
            sum(gross_amount) as gross_amount,
            sum(refund_amount) as refund_amount,
            sum(net_amount) as net_amount,
            case when count(*) = count(line_cost_amount) then sum(line_cost_amount) end as line_cost_amount
        from {{ ref('product_prices') }}
        group by product_id
        having sum(sale_line_count) > 0

    ),

    {# a stated rate outside 0 to 1 is ignored #}
    articles as (

        select
            sold.*,
            coalesce(products.department, 'unknown') as department,
            coalesce(products.category, 'unknown') as category,
            coalesce(sold.line_cost_amount, products.unit_cost) is not null as is_cost_known,
            coalesce(
                cast(sold.line_cost_amount as decimal(38, 4)),
                cast((sold.unit_count - sold.returned_unit_count) * coalesce(products.unit_cost, 0) as decimal(38, 4))
            ) as cost_amount,
            case
                when products.return_rate between 0 and 1 then cast(products.return_rate as decimal(9, 6))
            end as stated_return_rate
        from sold
        left join {{ ref('products') }} as products on sold.product_id = products.product_id

    ),

    shop as (select max(case when returned_unit_count > 0 then 1 else 0 end) = 1 as records_returns from sold),

    levelled as (

        {% for level in levels -%}
            select '{{ level }}' as level, {{ level }} as name, articles.*
            from articles {{ 'union all' if not loop.last }}
        {% else -%}select 'none' as level, category as name, articles.* from articles where 1 = 0
        {% endfor %}
    ),

    grouped as (

        select
            level,
            department,
            name,
            count(*) as product_count,
            {{ whole_sum('sale_line_count') }} as sale_line_count,
            sum(unit_count) as unit_count,
            sum(returned_unit_count) as returned_unit_count,
            sum(gross_amount) as gross_amount,
            sum(refund_amount) as refund_amount,
            sum(net_amount) as net_amount,
            count(case when is_cost_known then 1 end) as costed_product_count,
            sum(case when is_cost_known then gross_amount else 0 end) as costed_gross_amount,
            sum(case when is_cost_known then net_amount else 0 end) as costed_net_amount,
            sum(case when is_cost_known then cost_amount else 0 end) as cost_amount,
            sum(case when stated_return_rate is not null then unit_count else 0 end) as stated_unit_count,
            sum(
                case when stated_return_rate is not null then unit_count * stated_return_rate else 0 end
            ) as stated_returns
        from levelled
        group by level, department, name

    ),

    rated as (

        select
            grouped.*,
            shop.records_returns,
            case when costed_product_count > 0 then costed_net_amount - cost_amount end as margin_amount,
            case
                when costed_product_count > 0
                then
                    cast(costed_net_amount - cost_amount as {{ double }})
                    / nullif(cast(costed_net_amount as {{ double }}), 0)
            end as margin_rate,
            cast(returned_unit_count as {{ double }})
            / nullif(cast(unit_count as {{ double }}), 0) as measured_return_rate,
            cast(stated_returns as {{ double }})
            / nullif(cast(stated_unit_count as {{ double }}), 0) as stated_return_rate
        from grouped
        cross join shop

    )

select
    level,
    department,
    name,
    product_count,
    sale_line_count,
    unit_count,
    gross_amount,
    refund_amount,
    net_amount,
    cast(costed_gross_amount as {{ double }}) / nullif(cast(gross_amount as {{ double }}), 0) as cost_known_rate,
    costed_net_amount,
    case when costed_product_count > 0 then cost_amount end as cost_amount,
    margin_amount,
    margin_rate,
    case
        when margin_amount is not null
        then
            row_number() over (
                partition by level, case when margin_amount is null then 1 else 0 end
                order by margin_amount desc, name, department
            )
    end as margin_amount_rank,
    case
        when margin_rate is not null
        then
            row_number() over (
                partition by level, case when margin_rate is null then 1 else 0 end
                order by margin_rate desc, name, department
            )
    end as margin_rate_rank,
    measured_return_rate,
    cast(0 - refund_amount as {{ double }})
    / nullif(cast(gross_amount as {{ double }}), 0) as measured_return_amount_rate,
    stated_return_rate,
    case when records_returns then measured_return_rate else stated_return_rate end as return_rate,
    case
        when records_returns then 'measured' when stated_return_rate is not null then 'stated' else 'not known'
    end as return_rate_source
from rated
