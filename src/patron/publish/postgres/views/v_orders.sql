{# Grain: one order with a sale. The star in one flat table, for tools or pages that do not join: when, where, and who bought, as they are called today. #}
select
    orders.id_namespace,
    orders.order_id,
    orders.order_date,
    orders.ordered_at,
    dates.month_start_date,
    dates.week_start_date,
    dates.day_of_week,
    dates.is_weekend,
    orders.channel,
    orders.status,
    orders.is_promoted,
    orders.unit_count,
    orders.gross_amount,
    orders.discount_amount,
    orders.order_amount,
    places.store_name,
    places.city as store_city,
    orders.customer_id,
    customers.country,
    customers.region,
    customers.segment,
    customers.clv_tier,
    customers.churn_group,
    orders.order_date = customers.first_order_date as is_first_order_day
from {{ schema }}.fct_orders as orders
left join {{ schema }}.dim_date as dates on orders.order_date = dates.calendar_date
left join {{ schema }}.dim_location as places on orders.location_id = places.location_id
left join {{ schema }}.customer_360 as customers on orders.customer_id = customers.customer_id
