with
    days as (

        select
            customer_id,
            min(activity_date) as first_seen_date,
            min(case when sale_line_count > 0 then activity_date end) as first_order_date,
            max(case when sale_line_count > 0 then activity_date end) as last_order_date,
            count(case when sale_line_count > 0 then 1 end) as purchase_day_count,
            {{ whole_sum('sale_line_count') }} as sale_line_count,
            cast(sum(unit_count) as {{ type_amount() }}) as unit_count,
            cast(sum(gross_amount) as {{ type_amount() }}) as gross_amount,
            cast(sum(discount_amount) as {{ type_amount() }}) as discount_amount,
            cast(sum(refund_amount) as {{ type_amount() }}) as refund_amount,
            cast(sum(net_amount) as {{ type_amount() }}) as net_amount
        from {{ ref('customer_days') }}
        group by customer_id

    ),

    orders as (

        select customer_id, max(order_number) as order_count
        from {{ ref('order_measures') }}
        where customer_id is not null
        group by customer_id

    ),

    counted as (

        select
            days.*,
            coalesce(orders.order_count, 0) as order_count,
            bounds.as_of_date,
            {{ days_between('days.last_order_date', 'bounds.as_of_date') }} as days_since_last_order,
            {{ days_between('days.first_order_date', 'bounds.as_of_date') }} as tenure_days
        from days
        cross join {{ ref('as_of') }} as bounds
        left join orders on days.customer_id = orders.customer_id

    )

select
    customer_id,
    first_seen_date,
    first_order_date,
    last_order_date,
    days_since_last_order,
    tenure_days,
    order_count,
    purchase_day_count,
    sale_line_count,
    unit_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    {{ money_ratio('net_amount', 'order_count') }} as average_order_value,
    {{ money_ratio('net_amount', 'sale_line_count') }} as average_line_value,
    case when purchase_day_count > 0 then purchase_day_count - 1 end as repeat_count,
    {{ days_between('first_order_date', 'last_order_date') }} / cast(7 as {{ type_double() }}) as recency_weeks,
    tenure_days / cast(7 as {{ type_double() }}) as age_weeks,
    case when order_count > 0 then net_amount end as historical_clv,
    {{ money_ratio('net_amount', by=var('tenure_unit_denominator'), times='tenure_days * ' ~ var('tenure_unit_numerator')) }}
    as formula_clv_revenue,
    {{ money_ratio(
        'net_amount',
        by=var('tenure_unit_denominator') ~ ' * ' ~ var('gross_margin_denominator'),
        times='tenure_days * ' ~ var('tenure_unit_numerator') ~ ' * ' ~ var('gross_margin_numerator')
    ) }} as formula_clv_profit,
    as_of_date
from counted
