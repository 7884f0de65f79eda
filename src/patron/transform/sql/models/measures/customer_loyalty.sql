{% set tiers = var('loyalty_tiers') %}

with
    accounts as (

        select accounts.*, bounds.as_of_date
        from {{ ref('loyalty_accounts') }} as accounts
        cross join {{ ref('as_of') }} as bounds
        where accounts.joined_date is null or accounts.joined_date <= bounds.as_of_date

    ),

    members as (

        select
            customer_id,
            count(*) as loyalty_account_count,
            max(tier_rank) as loyalty_tier_rank,
            max(tier) as any_tier,
            sum(points_earned) as points_earned,
            sum(points_redeemed) as points_redeemed,
            min(joined_date) as loyalty_joined_date,
            max(as_of_date) as as_of_date
        from accounts
        group by customer_id

    ),

    changes as (

        select
            accounts.customer_id,
            count(*) as points_change_count,
            sum(moves.points_change) as points_change,
            max(moves.changed_at) as last_points_change_at
        from {{ ref('loyalty_transactions') }} as moves
        inner join accounts on moves.loyalty_id = accounts.loyalty_id
        where cast(moves.changed_at as date) <= accounts.as_of_date
        group by accounts.customer_id

    )

select
    members.customer_id,
    members.loyalty_account_count,
    members.loyalty_tier_rank,
    coalesce(
        case
            members.loyalty_tier_rank
            {% for tier in tiers -%} when {{ loop.index }} then '{{ escape_text(tier) }}' {% endfor %}
        end,
        members.any_tier
    ) as loyalty_tier,
    cast(members.points_earned as {{ type_total() }}) as points_earned,
    cast(members.points_redeemed as {{ type_total() }}) as points_redeemed,
    coalesce(changes.points_change_count, 0) as points_change_count,
    cast(coalesce(changes.points_change, 0) as {{ type_total() }}) as points_change,
    changes.last_points_change_at,
    members.loyalty_joined_date,
    {{ days_between('members.loyalty_joined_date', 'members.as_of_date') }} as loyalty_tenure_days
from members
left join changes on members.customer_id = changes.customer_id
