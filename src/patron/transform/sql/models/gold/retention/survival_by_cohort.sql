{# A customer has churned on the first day that is more than the churn window after the last purchase. A customer who has not by
   as_of was observed for their tenure and no longer. Rates are computed by day, and reported by week. #}
{% set window_days = var('churn_window_days') %}
{% set so_far = 'over (partition by cohort_month_date order by weeks_since rows unbounded preceding)' %}

with
    lives as (

        select
            {{ first_day_of('month', 'first_order_date') }} as cohort_month_date,
            case
                when days_since_last_order > {{ window_days }}
                then {{ days_between('first_order_date', 'last_order_date') }} + {{ window_days + 1 }}
                else tenure_days
            end as seen_days,
            case when days_since_last_order > {{ window_days }} then 1 else 0 end as is_ended
        from {{ ref('customer_measures') }}
        where order_count > 0 and 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}

    ),

    days as (

        select cohort_month_date, seen_days, count(*) as customer_count, {{ whole_sum('is_ended') }} as churned_count
        from lives
        group by cohort_month_date, seen_days

    ),

    risks as (

        select
            days.*,
            cast(sum(customer_count) over (partition by cohort_month_date) as bigint)
            - {{ whole_running('customer_count', 'cohort_month_date', 'seen_days') }}
            + customer_count as at_risk_count
        from days

    ),

    weeks as (

        select
            cohort_month_date,
            {{ whole_divide('seen_days', '7') }} as weeks_since,
            {{ whole_sum('customer_count') }} as customer_count,
            {{ whole_sum('churned_count') }} as churned_count,
            max(case when churned_count = at_risk_count then 1 else 0 end) as is_last,
            {{ whole_sum(survival_log('churned_count', 'at_risk_count')) }} as log_sum,
            {{ whole_sum(greenwood_term('churned_count', 'at_risk_count')) }} as term_sum
        from risks
        group by cohort_month_date, {{ whole_divide('seen_days', '7') }}

    ),

    cohorts as (

        select cohort_month_date, {{ whole_sum('customer_count') }} as customer_count, max(weeks_since) as last_week
        from weeks
        group by cohort_month_date

    ),

    numbers as (select n from ({{ whole_numbers(5) }}) as every_number where n <= (select max(last_week) from cohorts)),

    every_week as (

        select
            cohorts.cohort_month_date,
            numbers.n as weeks_since,
            cohorts.customer_count,
            coalesce(weeks.customer_count, 0) as left_count,
            coalesce(weeks.churned_count, 0) as churned_count,
            coalesce(weeks.is_last, 0) as is_last,
            coalesce(weeks.log_sum, 0) as log_sum,
            coalesce(weeks.term_sum, 0) as term_sum
        from cohorts
        inner join numbers on numbers.n <= cohorts.last_week
        left join weeks on cohorts.cohort_month_date = weeks.cohort_month_date and numbers.n = weeks.weeks_since

    ),

    reached as (

        select
            cohort_month_date,
            weeks_since,
            customer_count,
            customer_count - cast(sum(left_count) {{ so_far }} as bigint) + left_count as at_risk_count,
            churned_count,
            left_count - churned_count as censored_count,
            max(is_last) {{ so_far }} = 1 as is_over,
            cast(sum(log_sum) {{ so_far }} as bigint) as log_sum,
            cast(sum(term_sum) {{ so_far }} as bigint) as term_sum
        from every_week

    )

select
    cohort_month_date,
    cast(weeks_since as bigint) as weeks_since,
    customer_count,
    at_risk_count,
    churned_count,
    censored_count,
    case
        when is_over then 0 else exp(log_sum / cast({{ survival_unit() }} as {{ type_double() }}))
    end as survival_rate,
    {{ survival_end('log_sum', 'term_sum', 'is_over', 'low') }} as survival_rate_low,
    {{ survival_end('log_sum', 'term_sum', 'is_over', 'high') }} as survival_rate_high
from reached
