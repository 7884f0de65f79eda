{# The crossing day belongs to neither part: the days before it begin with an order, and end before the one that crossed. #}
{% set rules = var('questions')['loyalty_uplift'] %}

with
    crossers as (select * from {{ ref('loyalty_customers') }} where order_count > {{ rules['orders'] }}),

    spent as (

        select
            crossers.customer_id,
            sum(
                case
                    when days.activity_date >= crossers.first_order_date and days.activity_date < crossers.crossed_date
                    then days.net_amount
                    else 0
                end
            ) as before_net_amount,
            sum(
                case when days.activity_date > crossers.crossed_date then days.net_amount else 0 end
            ) as after_net_amount
        from crossers
        inner join {{ ref('customer_days') }} as days on crossers.customer_id = days.customer_id
        group by crossers.customer_id

    ),

    compared as (

        select windows.customer_id, windows.window_order_count, windows.pace_band, windows.window_number
        from {{ ref('loyalty_windows') }} as windows
        where windows.is_crosser

    ),

    alike as (

        select window_order_count, pace_band, window_number, count(*) as alike_count
        from {{ ref('loyalty_windows') }}
        where not is_crosser
        group by window_order_count, pace_band, window_number

    ),

    counted as (

        select
            crossers.customer_id,
            crossers.first_order_date,
            crossers.crossed_date,
            crossers.order_count,
            crossers.early_order_count,
            crossers.early_net_amount,
            {{ days_between('crossers.first_order_date', 'crossers.crossed_date') }} as days_to_cross,
            {{ days_between('crossers.crossed_date', 'bounds.as_of_date') }} as after_days,
            cast(spent.before_net_amount as {{ type_total() }}) as before_net_amount,
            cast(spent.after_net_amount as {{ type_total() }}) as after_net_amount,
            case when compared.customer_id is null then 0 else coalesce(alike.alike_count, 0) end as alike_count,
            compared.customer_id is not null as is_comparable
        from crossers
        cross join {{ ref('as_of') }} as bounds
        inner join spent on crossers.customer_id = spent.customer_id
        left join compared on crossers.customer_id = compared.customer_id
        left join
            alike
            on compared.window_order_count = alike.window_order_count
            and compared.pace_band = alike.pace_band
            and compared.window_number = alike.window_number

    )

select
    customer_id,
    first_order_date,
    crossed_date,
    days_to_cross,
    order_count,
    early_order_count,
    early_net_amount,
    before_net_amount,
    {{ money_ratio('before_net_amount', by='days_to_cross', times='30') }} as before_amount_per_30_days,
    after_days,
    after_net_amount,
    {{ money_ratio('after_net_amount', by='after_days', times='30') }} as after_amount_per_30_days,
    {{ money_ratio('after_net_amount', by='after_days', times='30') }}
    - {{ money_ratio('before_net_amount', by='days_to_cross', times='30') }} as amount_per_30_days_change,
    alike_count,
    case
        when alike_count > 0 then 'compared' when is_comparable then 'no comparable customers' else 'incomplete window'
    end as comparison_state
from counted
