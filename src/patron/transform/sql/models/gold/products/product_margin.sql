with
    sold as (

        select
            product_id,
            sum(unit_count) as unit_count,
            sum(returned_unit_count) as returned_unit_count,
            {{ whole_sum('sale_line_count') }} as sale_line_count,
            sum(gross_amount) as gross_amount,
            sum(net_amount) as net_amount,
            case when count(*) = count(line_cost_amount) then sum(line_cost_amount) end as line_cost_amount
        from {{ ref('product_prices') }}
        group by product_id
        having sum(sale_line_count) > 0

    ),

    costed as (

        select
            sold.*,
            products.product_name,
            products.category,
            products.price_tier,
            products.unit_cost,
            coalesce(
                cast(sold.line_cost_amount as decimal(38, 4)),
                cast((sold.unit_count - sold.returned_unit_count) * products.unit_cost as decimal(38, 4))
            ) as cost_amount
        from sold
        left join {{ ref('products') }} as products on sold.product_id = products.product_id

    )

select
    product_id,
    product_name,
    category,
    price_tier,
    unit_count,
    returned_unit_count,
    cast(returned_unit_count as {{ type_double() }}) / nullif(unit_count, 0) as return_rate,
    sale_line_count,
    gross_amount,
    net_amount,
    unit_cost,
    cost_amount,
    net_amount - cost_amount as margin_amount,
    cast(net_amount - cost_amount as {{ type_double() }})
    / nullif(cast(net_amount as {{ type_double() }}), 0) as margin_rate,
    case
        when cost_amount is not null
        then
            rank() over (
                partition by case when cost_amount is null then 1 else 0 end order by net_amount - cost_amount desc
            )
    end as margin_rank
from costed
