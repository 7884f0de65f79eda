-- Which of the best customers have stopped buying, and how likely is it that they have left?
select
    customer_id,
    net_amount,
    order_count,
    days_since_last_order,
    median_gap_days,
    silence_ratio,
    segment,
    churn_risk,
    churn_group
from lapsed_top_spenders
order by net_amount desc, customer_id
limit 1000
