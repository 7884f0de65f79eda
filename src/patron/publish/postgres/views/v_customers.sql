{# Grain: one customer the shop knows. Who, worth, risk with its first driver, and the next step. #}
select
    customers.customer_id,
    {% if personal %} customers.customer_name, customers.email, {% endif %}
    customers.country,
    customers.region,
    customers.city,
    customers.preferred_channel,
    customers.loyalty_tier,
    customers.first_order_date,
    customers.last_order_date,
    customers.days_since_last_order,
    customers.order_count,
    customers.net_amount,
    customers.average_order_value,
    customers.segment,
    customers.recommended_action,
    clusters.cluster_name,
    customers.clv_tier,
    customers.historical_clv,
    worth.predicted_clv_1y,
    worth.predicted_clv_1y_low_80,
    worth.predicted_clv_1y_high_80,
    worth.expected_purchases_90d,
    customers.churn_group,
    customers.is_churned,
    churn.churn_probability_90d,
    churn.driver_1,
    customers.as_of_date
from {{ schema }}.customer_360 as customers
left join {{ schema }}.customer_clv as worth on customers.customer_id = worth.customer_id
left join {{ schema }}.customer_churn as churn on customers.customer_id = churn.customer_id
left join {{ schema }}.customer_clusters as clusters on customers.customer_id = clusters.customer_id
