{# Whether a customer came again is counted for visits that everyone has had the churn window to follow: who came last week
   has had less time than who came last year. #}
{% set window = var('churn_window_days') %}

with
    days as (

        select
            days.*,
            case when days.purchase_day_number < 10 then days.purchase_day_number else 10 end as visit_number,
            case
                when {{ plus_days('days.activity_date', window) }} <= bounds.as_of_date then 1 else 0
            end as is_observed,
            case
                when
                    days.next_purchase_date <= {{ plus_days('days.activity_date', window) }}
                    and {{ plus_days('days.activity_date', window) }} <= bounds.as_of_date
                then {{ days_between('days.activity_date', 'days.next_purchase_date') }}
            end as days_to_next
        from {{ ref('customer_days') }} as days
        cross join {{ ref('as_of') }} as bounds
        where days.sale_line_count > 0

    )

select
    visit_number,
    visit_number = 10 as is_open_ended,
    count(*) as visit_count,
    {{ whole_sum('is_observed') }} as observed_visit_count,
    count(days_to_next) as followed_visit_count,
    cast(count(days_to_next) as {{ type_double() }}) / nullif({{ whole_sum('is_observed') }}, 0) as came_again_rate,
    {{ whole_sum('order_count') }} as order_count,
    sum(gross_amount + discount_amount) as spent_amount,
    {{ money_ratio('sum(gross_amount + discount_amount)', 'count(*)') }} as amount_per_visit,
    cast({{ whole_sum('days_to_next') }} as {{ type_double() }})
    / nullif(count(days_to_next), 0) as average_days_to_next
from days
group by visit_number
