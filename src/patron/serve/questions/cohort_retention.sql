-- Of the customers who first bought in a month, how many buy again in later months, and how much do they spend?
select
    cohort_month_date,
    is_new,
    months_since,
    is_complete,
    customer_count,
    active_customer_count,
    retention_rate,
    net_amount,
    revenue_retention_rate
from cohort_retention
order by cohort_month_date, months_since
