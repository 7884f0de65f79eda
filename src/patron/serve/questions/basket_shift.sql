-- Whose basket shrank by more than a fifth between their first and their last orders?
select
    customer_id,
    order_count,
    early_last_date,
    recent_first_date,
    early_units_per_order,
    recent_units_per_order,
    round(unit_drop_rate, 4) as unit_drop_rate,
    early_amount_per_order,
    recent_amount_per_order,
    round(amount_drop_rate, 4) as amount_drop_rate
from basket_shift
where is_shrinking
order by early_amount_per_order - recent_amount_per_order desc, customer_id
limit 100
