-- Who places large orders and buys across departments?
select
    customer_id,
    average_order_value,
    department_count,
    order_count,
    net_amount,
    days_since_last_order,
    segment
from golden_baskets
order by average_order_value desc, customer_id
limit 1000
