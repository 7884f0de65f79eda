{% set window = var('churn_window_days') %}
{% set to_date = 'over (order by calendar_date rows unbounded preceding)' %}

with
    running as (

        select
            calendar_date,
            {{ days_between('bounds.first_date', 'calendar_date') }} as day_number,
            mau,
            in_window,
            cast(sum(new_customer_count) {{ to_date }} as bigint) as customer_count,
            cast(sum(second_order_count) {{ to_date }} as bigint) as repeat_customer_count,
            cast(sum(second_day_count) {{ to_date }} as bigint) as repeat_day_customer_count,
            cast(sum(order_count) {{ to_date }} as bigint) as order_count,
            cast(sum(guest_order_count) {{ to_date }} as bigint) as guest_order_count,
            sum(gross_amount) {{ to_date }} as gross_amount,
            sum(discount_amount) {{ to_date }} as discount_amount,
            sum(refund_amount) {{ to_date }} as refund_amount,
            sum(net_amount) {{ to_date }} as net_amount,
            sum(customer_net_amount) {{ to_date }} as customer_net_amount,
            sum(weighted_net_amount) {{ to_date }} as weighted_net_amount
        from {{ ref('day_measures') }}
        cross join {{ ref('as_of') }} as bounds

    )

select
    calendar_date as kpi_date,
    customer_count,
    mau as active_customer_count,
    repeat_customer_count,
    cast(repeat_customer_count as {{ type_double() }}) / nullif(customer_count, 0) as repeat_customer_rate,
    repeat_day_customer_count,
    cast(repeat_day_customer_count as {{ type_double() }}) / nullif(customer_count, 0) as repeat_day_customer_rate,
    case when day_number > {{ window }} then customer_count - in_window end as churned_customer_count,
    case
        when day_number > {{ window }}
        then cast(customer_count - in_window as {{ type_double() }}) / nullif(customer_count, 0)
    end as churn_rate,
    case
        when day_number <= {{ window }}
        then 'history not longer than the churn window'
        when customer_count = 0
        then 'no customers'
    end as churn_rate_reason,
    order_count,
    guest_order_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    {{ money_ratio('net_amount', 'order_count') }} as average_order_value,
    {{ money_ratio('(gross_amount + discount_amount)', 'order_count') }} as average_order_value_before_refunds,
    customer_net_amount as total_historical_clv,
    {{ money_ratio('customer_net_amount', 'customer_count') }} as average_historical_clv,
    {{ money_ratio(
        '(customer_net_amount * day_number - weighted_net_amount)',
        by='customer_count * ' ~ var('tenure_unit_denominator'),
        times=var('tenure_unit_numerator')
    ) }} as average_formula_clv_revenue,
    {{ money_ratio(
        '(customer_net_amount * day_number - weighted_net_amount)',
        by='customer_count * ' ~ var('tenure_unit_denominator') ~ ' * ' ~ var('gross_margin_denominator'),
        times=var('tenure_unit_numerator') ~ ' * ' ~ var('gross_margin_numerator')
    ) }} as average_formula_clv_profit
from running
