select
    calendar_date as activity_date,
    order_count,
    guest_order_count,
    dau as customer_count,
    new_customer_count,
    sale_line_count,
    unit_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    other_amount,
    {{ money_ratio('net_amount', 'order_count') }} as average_order_value,
    {{ money_ratio('(gross_amount + discount_amount)', 'order_count') }} as average_order_value_before_refunds
from {{ ref('day_measures') }}
