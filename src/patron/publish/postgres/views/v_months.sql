{# Grain: one month of the calendar. Revenue, orders, and how many customers were new or came back. #}
select
    period_start_date as month_start_date,
    is_complete,
    customer_count,
    new_customer_count,
    previous_customer_count,
    retained_customer_count,
    retention_rate,
    order_count,
    guest_order_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    average_order_value,
    amount_per_customer
from {{ schema }}.period_metrics
where period_kind = 'month'
