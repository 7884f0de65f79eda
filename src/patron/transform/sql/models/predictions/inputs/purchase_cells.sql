{# All that the purchase models know about a customer. Customers who are equal here have equal predictions, so
   a model is fitted on, and scores, a fraction of them. #}
select
    purchase_day_count - 1 as repeat_count,
    {{ days_between('first_order_date', 'last_order_date') }} as recency_days,
    tenure_days as age_days,
    count(*) as customer_count
from {{ ref('customer_measures') }}
where purchase_day_count > 0
group by purchase_day_count - 1, {{ days_between('first_order_date', 'last_order_date') }}, tenure_days
