{# Grain: one segment, also one without customers. Its size, what its customers spent, what is expected of them, and what to do. #}
select
    segments.segment,
    segments.segment_order,
    segments.description,
    segments.recommended_action,
    segments.churn_risk,
    count(customers.customer_id) as customer_count,
    count(customers.customer_id)
    / cast(nullif(sum(count(customers.customer_id)) over (), 0) as double precision) as customer_rate,
    coalesce(sum(customers.net_amount), 0) as net_amount,
    coalesce(sum(customers.net_amount), 0) / nullif(sum(customers.order_count), 0) as average_order_value,
    avg(customers.days_since_last_order) as average_days_since_last_order,
    sum(customers.predicted_clv_1y) as predicted_clv_1y
from {{ schema }}.dim_rfm_segment as segments
left join {{ schema }}.customer_360 as customers on segments.segment = customers.segment
group by
    segments.segment, segments.segment_order, segments.description, segments.recommended_action, segments.churn_risk
