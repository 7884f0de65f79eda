{# The first that applies: zero_or_manual, normal, one_off_price_change, oscillating_or_promotional, complex.
   docs/vocabulary.md defines each. #}
with
    prices as (

        select
            *,
            lag(last_sale_date) over (
                partition by product_id, case when sale_line_count > 0 then 1 else 0 end
                order by first_sale_date, unit_price
            ) as previous_last_date,
            case when sale_day_count >= 2 then last_sale_date end as recurring_last_date,
            case when sale_day_count >= 2 then first_sale_date end as recurring_first_date
        from {{ ref('product_prices') }}

    ),

    recurring as (

        select
            product_id,
            recurring_first_date,
            max(recurring_last_date) over (
                partition by product_id
                order by recurring_first_date, unit_price
                rows between unbounded preceding and 1 preceding
            ) as reached_date
        from prices
        where recurring_first_date is not null

    ),

    came_back as (

        select product_id, count(case when reached_date >= recurring_first_date then 1 end) as overlap_count
        from recurring
        group by product_id

    ),

    products as (

        select
            product_id,
            {{ whole_sum('case when unit_price = 0 then line_count else 0 end') }} as zero_price_line_count,
            {{ whole_sum('adjustment_line_count') }} as manual_line_count,
            count(case when sale_line_count > 0 then 1 end) as price_count,
            count(case when sale_line_count > 0 and previous_last_date >= first_sale_date then 1 end) as overlap_count,
            min(case when sale_line_count > 0 then unit_price end) as lowest_price,
            max(case when sale_line_count > 0 then unit_price end) as highest_price,
            min(first_sale_date) as first_sale_date,
            max(last_sale_date) as last_sale_date,
            {{ whole_sum('sale_line_count') }} as sale_line_count,
            sum(unit_count) as unit_count,
            sum(gross_amount) as gross_amount
        from prices
        group by product_id

    )

select
    products.product_id,
    case
        when products.zero_price_line_count > 0 or products.manual_line_count > 0
        then 'zero_or_manual'
        when products.price_count <= 1
        then 'normal'
        when products.price_count = 2 and products.overlap_count = 0
        then 'one_off_price_change'
        when coalesce(came_back.overlap_count, 0) > 0
        then 'oscillating_or_promotional'
        else 'complex'
    end as price_behaviour,
    products.price_count,
    products.lowest_price,
    products.highest_price,
    products.zero_price_line_count,
    products.manual_line_count,
    products.sale_line_count,
    products.unit_count,
    products.gross_amount,
    products.first_sale_date,
    products.last_sale_date
from products
left join came_back on products.product_id = came_back.product_id
