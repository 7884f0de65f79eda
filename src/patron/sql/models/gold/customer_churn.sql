{{ projection() }}

select customer_id, last_order_date, days_since_last_order, is_churned, churn_group
from {{ ref('customer_labels') }}
