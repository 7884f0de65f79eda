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

    ),

    totals as (

        select
            {{ whole_sum('session_count') }} as session_count, {{ whole_sum('conversion_count') }} as conversion_count
        from campaigns

    ),

    beside as (

        select
            campaigns.*,
            totals.session_count - campaigns.session_count as other_session_count,
            totals.conversion_count - campaigns.conversion_count as other_conversion_count
        from campaigns
        cross join totals

    ),

    rated as (
        {{ with_rates('beside', {
        'conversion_rate': ['conversion_count', 'session_count'],
        'other_conversion_rate': ['other_conversion_count', 'other_session_count'],
    }) }}
    ),

    tested as (

        select
            rated.*,
            conversion_rate - other_conversion_rate as difference,
            {{ z_of_rates(
                'conversion_rate', 'other_conversion_rate',
                standard_error_of_rates('conversion_count', 'session_count', 'other_conversion_count', 'other_session_count'),
                'session_count', 'other_session_count'
            ) }}
            as z_score
        from rated

    ),

    {{ compare_many('tested') }}

select
    campaign,
    session_count,
    customer_count,
    carted_count,
    conversion_count,
    conversion_rate,
    conversion_rate_low,
    conversion_rate_high,
    other_conversion_rate,
    difference,
    p_value,
    compared_count,
    adjusted_p_value,
    reading,
    revenue_amount,
    {{ money_ratio('revenue_amount', 'session_count') }} as revenue_per_session,
    {{ money_ratio('revenue_amount', 'conversion_count') }} as average_order_value,
    returned_count,
    returned_amount,
    cast(returned_count as {{ type_double() }}) / nullif(conversion_count, 0) as return_rate,
    margin_amount,
    cast(margin_amount as {{ type_double() }}) / nullif(cast(costed_amount as {{ type_double() }}), 0) as margin_rate,
    rank() over (order by revenue_amount desc) as revenue_rank
from compared
