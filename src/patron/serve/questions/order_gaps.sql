-- How many days pass between a customer's orders, and is the current gap unusual for them?
select
    customer_id,
    order_count,
    average_gap_days,
    median_gap_days,
    longest_gap_days,
    days_since_last_order,
    silence_ratio,
    silence_reading
from customer_order_gaps
order by order_count desc, customer_id
limit 1000
