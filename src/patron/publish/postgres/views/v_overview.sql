{# Grain: the shop, one row. Where it stands on the newest day: to date, engagement, and what is expected of its customers. #}
select
    published.shop,
    published.currency,
    published.as_of,
    published.published_at,
    kpis.customer_count,
    kpis.active_customer_count,
    kpis.repeat_customer_rate,
    kpis.churn_rate,
    kpis.order_count,
    kpis.net_amount,
    kpis.average_order_value,
    kpis.average_historical_clv,
    engagement.dau,
    engagement.wau,
    engagement.mau,
    engagement.stickiness,
    expected.expected_purchases_90d,
    expected.predicted_clv_1y
from {{ schema }}.published as published
left join (select * from {{ schema }}.kpi_overall order by kpi_date desc limit 1) as kpis on true
left join (select * from {{ schema }}.engagement_daily order by activity_date desc limit 1) as engagement on true
cross join
    (
        select sum(expected_purchases_90d) as expected_purchases_90d, sum(predicted_clv_1y) as predicted_clv_1y
        from {{ schema }}.customer_clv
    ) as expected
