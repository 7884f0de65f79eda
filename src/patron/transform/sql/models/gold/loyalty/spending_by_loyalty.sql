{# Tiers if accounts are known, otherwise members or not; guests are included, so that the rows add up to the shop. #}
with
    customers as (

        select
            case
                when loyalty_tier is not null
                then loyalty_tier
                when is_loyalty_member or loyalty_account_count > 0
                then 'Member'
                else 'Not a member'
            end as loyalty_status,
            loyalty_tier_rank,
            order_count,
            net_amount,
            visit_count
        from {{ ref('customer_360') }}

    ),

    grouped as (

        select
            loyalty_status,
            max(loyalty_tier_rank) as loyalty_tier_rank,
            count(*) as customer_count,
            count(case when order_count > 0 then 1 end) as buyer_count,
            {{ whole_sum('order_count') }} as order_count,
            {{ whole_sum('visit_count') }} as visit_count,
            sum(net_amount) as net_amount
        from customers
        group by loyalty_status

    ),

    guests as (
        select count(*) as order_count from {{ ref('order_measures') }} where customer_id is null and is_counted
    ),

    everything as (select coalesce(sum(net_amount), 0) as net_amount from {{ ref('day_measures') }}),

    known as (select coalesce(sum(net_amount), 0) as net_amount from grouped)

select
    loyalty_status,
    loyalty_tier_rank,
    customer_count,
    buyer_count,
    order_count,
    visit_count,
    net_amount,
    {{ money_ratio('net_amount', 'buyer_count') }} as amount_per_buyer,
    {{ money_ratio('net_amount', 'order_count') }} as average_order_value,
    cast(visit_count as {{ type_double() }}) / nullif(buyer_count, 0) as visits_per_buyer
from grouped
union all
select
    'Guest' as loyalty_status,
    null as loyalty_tier_rank,
    0 as customer_count,
    0 as buyer_count,
    guests.order_count,
    guests.order_count as visit_count,
    everything.net_amount - known.net_amount as net_amount,
    null as amount_per_buyer,
    {{ money_ratio('(everything.net_amount - known.net_amount)', 'guests.order_count') }} as average_order_value,
    null as visits_per_buyer
from guests
cross join everything
cross join known
where guests.order_count > 0 or everything.net_amount <> known.net_amount
