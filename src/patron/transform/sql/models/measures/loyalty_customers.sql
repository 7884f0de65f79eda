{# Customers who can inform about crossing into loyalty: those who crossed, and those who bought again after their early days. #}
{% set rules = var('questions')['loyalty_uplift'] %}
{% set is_early %}
    days.activity_date >= totals.first_order_date
    and days.activity_date < {{ plus_days('totals.first_order_date', rules['early_days']) }}
{% endset %}

select
    totals.customer_id,
    totals.first_order_date,
    totals.order_count,
    min(case when days.order_count_to_date > {{ rules['orders'] }} then days.activity_date end) as crossed_date,
    {{ whole_sum('case when ' ~ is_early ~ ' then days.order_count else 0 end') }} as early_order_count,
    cast(sum(case when {{ is_early }} then days.net_amount else 0 end) as {{ type_total() }}) as early_net_amount
from {{ ref('customer_totals') }} as totals
inner join {{ ref('customer_days') }} as days on totals.customer_id = days.customer_id
where
    totals.order_count > {{ rules['orders'] }}
    or totals.last_order_date >= {{ plus_days('totals.first_order_date', rules['early_days']) }}
group by totals.customer_id, totals.first_order_date, totals.order_count
