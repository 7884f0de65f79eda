with
    campaigns as (

        select
            campaign,
            count(*) as session_count,
            count(distinct customer_id) as customer_count,
            count(case when is_carted then 1 end) as carted_count,
            count(case when is_conversion then 1 end) as conversion_count,
            count(case when is_returned then 1 end) as returned_count,
            sum(revenue_amount) as revenue_amount,
            sum(case when is_returned then revenue_amount else 0 end) as returned_amount,
            sum(margin_amount) as margin_amount,
            sum(case when margin_amount is not null then revenue_amount else 0 end) as costed_amount
        from {{ ref('campaign_sessions') }}
        group by campaign

    )

select
    campaign,
    session_count,
    customer_count,
    carted_count,
    conversion_count,
    cast(conversion_count as {{ type_double() }}) / session_count as conversion_rate,
    {{ wilson('conversion_count', 'session_count', 'low') }} as conversion_rate_low,
    {{ wilson('conversion_count', 'session_count', 'high') }} as conversion_rate_high,
    revenue_amount,
    {{ money_ratio('revenue_amount', 'session_count') }} as revenue_per_session,
    {{ money_ratio('revenue_amount', 'conversion_count') }} as average_order_value,
    returned_count,
    returned_amount,
    cast(returned_count as {{ type_double() }}) / nullif(conversion_count, 0) as return_rate,
    margin_amount,
    cast(margin_amount as {{ type_double() }}) / nullif(cast(costed_amount as {{ type_double() }}), 0) as margin_rate,
    rank() over (order by revenue_amount desc) as revenue_rank
from campaigns
