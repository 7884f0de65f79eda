{# What became of customers who were lost, each time they were: a silence longer than the churn window is a loss on its first day
   beyond the window, and a return ends it. #}
{% set reach = var('churn_window_days') + 1 %}

with
    losses as (

        select {{ plus_days('activity_date', reach) }} as lost_date, next_purchase_date as returned_date
        from {{ ref('customer_days') }}
        where
            sale_line_count > 0
            and coalesce(next_purchase_date > {{ plus_days('activity_date', reach) }}, true)
            and 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}

    ),

    lives as (

        select
            {{ first_day_of('month', 'losses.lost_date') }} as lost_month_date,
            {{ days_between('losses.lost_date', 'coalesce(losses.returned_date, bounds.as_of_date)') }} as seen_days,
            case when losses.returned_date is not null then 1 else 0 end as is_ended
        from losses
        inner join {{ ref('as_of') }} as bounds on losses.lost_date <= bounds.as_of_date

    ),

    {{ survival_by_week('lost_month_date') }}

select
    reached.lost_month_date,
    reached.weeks_since,
    {{ is_month_observed('reached.lost_month_date', 'reached.weeks_since', 'bounds.as_of_date') }} as is_final,
    reached.life_count as lost_count,
    reached.at_risk_count,
    reached.ended_count as returned_count,
    reached.censored_count,
    1 - {{ survival_rate() }} as return_rate,
    1 - {{ survival_end('log_sum', 'term_sum', 'is_over', 'high') }} as return_rate_low,
    1 - {{ survival_end('log_sum', 'term_sum', 'is_over', 'low') }} as return_rate_high
from reached
cross join {{ ref('as_of') }} as bounds
