{# All that the purchase models know about a customer. Customers who are equal here have equal predictions, so
   a model is fitted on, and scores, a fraction of them. #}
select
    repeat_count,
    {{ days_between('first_kept_date', 'last_kept_date') }} as recency_days,
    {{ days_between('first_kept_date', 'as_of_date') }} as age_days,
    count(*) as customer_count
from {{ ref('customer_measures') }}
where kept_day_count > 0
group by
    repeat_count,
    {{ days_between('first_kept_date', 'last_kept_date') }},
    {{ days_between('first_kept_date', 'as_of_date') }}
