with
    counted as (

        select
            totals.*,
            bounds.as_of_date,
            {{ days_between('totals.last_order_date', 'bounds.as_of_date') }} as days_since_last_order,
            {{ days_between('totals.first_order_date', 'bounds.as_of_date') }} as tenure_days,
            {# a part of a year, continued, takes its season for the whole year's #}
            case
                when
                    {{ days_between('totals.first_order_date', 'bounds.as_of_date') }}
                    >= {{ var('run_rate_least_days') }}
                then {{ days_between('totals.first_order_date', 'bounds.as_of_date') }}
            end as run_rate_days
        from {{ ref('customer_totals') }} as totals
        cross join {{ ref('as_of') }} as bounds

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
    kept_day_count,
    first_kept_date,
    last_kept_date,
    sale_line_count,
    unit_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    {{ money_ratio('net_amount', 'order_count') }} as average_order_value,
    {{ money_ratio('(gross_amount + discount_amount)', 'order_count') }} as average_order_value_before_refunds,
    {{ money_ratio('net_amount', 'sale_line_count') }} as average_line_value,
    case when kept_day_count > 0 then kept_day_count - 1 end as repeat_count,
    {{ days_between('first_kept_date', 'last_kept_date') }} / cast(7 as {{ type_double() }}) as recency_weeks,
    {{ days_between('first_kept_date', 'as_of_date') }} / cast(7 as {{ type_double() }}) as age_weeks,
    case when order_count > 0 then net_amount end as historical_clv,
    {{ money_ratio('net_amount', by=var('tenure_unit_denominator'), times='tenure_days * ' ~ var('tenure_unit_numerator')) }}
    as formula_clv_revenue,
    {{ money_ratio(
        'net_amount',
        by=var('tenure_unit_denominator') ~ ' * ' ~ var('gross_margin_denominator'),
        times='tenure_days * ' ~ var('tenure_unit_numerator') ~ ' * ' ~ var('gross_margin_numerator')
    ) }} as formula_clv_profit,
    {% for years in [1, 3, 5] -%}
        {{ money_ratio('net_amount', by='run_rate_days', times=365 * years) }} as run_rate_clv_{{ years }}y,
    {% endfor -%}
    as_of_date
from counted
