-- Month by month, is a returning customer's order worth more than a first one?
select
    order_month_date,
    is_complete,
    first_order_count,
    amount_per_first_order,
    returning_order_count,
    amount_per_returning_order,
    difference_amount,
    difference_rate,
    guest_order_count,
    amount_per_guest_order
from monthly_order_value
order by order_month_date
