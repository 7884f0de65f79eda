{# A customer's life ends with their first silence longer than the churn window, on its first day beyond the window, whether or not
   they bought again later: what is known of a day is never revised. Returns are a curve of their own (return_after_loss).
   A customer who has not churned by as_of was observed for their tenure and no longer. #}
{% set reach = var('churn_window_days') + 1 %}

with
    silences as (

        select
            customer_id,
            min(
                case
                    when
                        sale_line_count > 0
                        and coalesce(next_purchase_date > {{ plus_days('activity_date', reach) }}, true)
                    then {{ plus_days('activity_date', reach) }}
                end
            ) as churned_date
        from {{ ref('customer_days') }}
        group by customer_id

    ),

    lives as (

        select
            {{ first_day_of('month', 'customers.first_order_date') }} as cohort_month_date,
            case
                when silences.churned_date <= customers.as_of_date
                then {{ days_between('customers.first_order_date', 'silences.churned_date') }}
                else customers.tenure_days
            end as seen_days,
            case when silences.churned_date <= customers.as_of_date then 1 else 0 end as is_ended
        from {{ ref('customer_measures') }} as customers
        inner join silences on customers.customer_id = silences.customer_id
        where customers.order_count > 0 and 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}

    ),

    {{ survival_by_week('cohort_month_date') }}

select
    reached.cohort_month_date,
    coalesce(reached.cohort_month_date >= wash_out.new_since_date, true) as is_new,
    reached.weeks_since,
    {{ is_month_observed('reached.cohort_month_date', 'reached.weeks_since', 'bounds.as_of_date') }} as is_final,
    reached.life_count as customer_count,
    reached.at_risk_count,
    reached.ended_count as churned_count,
    reached.censored_count,
    {{ survival_rate() }} as survival_rate,
    {{ survival_end('log_sum', 'term_sum', 'is_over', 'low') }} as survival_rate_low,
    {{ survival_end('log_sum', 'term_sum', 'is_over', 'high') }} as survival_rate_high
from reached
cross join {{ ref('as_of') }} as bounds
cross join {{ ref('wash_out') }} as wash_out
