with
    days as (

        select days.*, case when purchase_day_number < 10 then purchase_day_number else 10 end as visit_number
        from {{ ref('customer_days') }} as days
        where sale_line_count > 0

    )

select
    visit_number,
    visit_number = 10 as is_open_ended,
    count(*) as visit_count,
    count(case when next_purchase_date is not null then 1 end) as followed_visit_count,
    cast(count(case when next_purchase_date is not null then 1 end) as {{ type_double() }})
    / count(*) as came_again_rate,
    {{ whole_sum('order_count') }} as order_count,
    sum(gross_amount + discount_amount) as spent_amount,
    {{ money_ratio('sum(gross_amount + discount_amount)', 'count(*)') }} as amount_per_visit,
    cast({{ whole_sum(days_between('activity_date', 'next_purchase_date')) }} as {{ type_double() }})
    / nullif(count(next_purchase_date), 0) as average_days_to_next
from days
group by visit_number
