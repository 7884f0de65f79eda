select
    customer_id,
    last_order_date,
    days_since_last_order,
    days_since_last_order > {{ var('churn_window_days') }} as is_churned,
    {{ churn_group('days_since_last_order') }} as churn_group
from {{ ref('customer_measures') }}
where order_count > 0
