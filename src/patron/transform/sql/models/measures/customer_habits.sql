{# Where customers buy, whether on promotion, and which of it is assumed. A shop that maps none of these has nothing to
   group. #}
{{ refresh(by=['customer_id'], follows='changed_lines') }}

{% set is_asked = is_mapped('order_lines', 'channel') or is_mapped('order_lines', 'assumed') or maps_promotions() %}

with
    own_orders as (

        select customer_id, channel, is_promoted, order_date, assumed
        from {{ affected(ref('order_measures')) }} as orders
        where customer_id is not null {{ '' if is_asked else 'and 1 = 0' }}

    ),

    by_channel as (

        select
            customer_id,
            channel,
            count(*) as order_count,
            count(case when is_promoted then 1 end) as promoted_order_count,
            min(case when is_promoted then order_date end) as first_promotion_date,
            max(assumed) as assumed
        from own_orders
        group by customer_id, channel

    ),

    placed as (

        select
            by_channel.*,
            row_number() over (
                partition by customer_id order by case when channel is null then 1 else 0 end, order_count desc, channel
            ) as place
        from by_channel

    ),

    customers as (

        select
            customer_id,
            count(channel) as channel_count,
            max(case when place = 1 then channel end) as first_channel,
            max(case when place = 1 and channel is not null then order_count end) as first_channel_order_count,
            {{ whole_sum('case when channel is not null then order_count else 0 end') }} as channel_order_count,
            {{ whole_sum('order_count') }} as order_count,
            {{ whole_sum('promoted_order_count') }} as promoted_order_count,
            min(first_promotion_date) as first_promotion_date,
            max(assumed) as assumed
        from placed
        group by customer_id

    )

select
    customer_id,
    channel_count,
    case
        when first_channel is null
        then null
        when first_channel_order_count >= {{ var('dominant_channel_share') }} * channel_order_count
        then first_channel
        else 'Omnichannel'
    end as preferred_channel,
    cast(first_channel_order_count as {{ type_double() }}) / nullif(channel_order_count, 0) as preferred_channel_share,
    promoted_order_count,
    cast(promoted_order_count as {{ type_double() }}) / order_count as discount_usage_rate,
    first_promotion_date,
    assumed
from customers
