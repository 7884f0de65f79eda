with
    signed_up as (

        select
            {{ first_day_of('month', 'signed_up_at') }} as signup_month_date,
            cast(signed_up_at as date) as signup_date,
            first_order_date,
            order_count,
            net_amount,
            is_loyalty_member,
            is_active,
            as_of_date
        from {{ ref('customer_360') }}
        where signed_up_at is not null and cast(signed_up_at as date) <= as_of_date

    )

select
    signup_month_date,
    count(*) as signup_count,
    count(case when is_loyalty_member then 1 end) as member_count,
    count(case when order_count > 0 then 1 end) as buyer_count,
    cast(count(case when order_count > 0 then 1 end) as {{ type_double() }}) / count(*) as buyer_rate,
    count(case when first_order_date <= {{ plus_days('signup_date', 30) }} then 1 end) as bought_within_30_days_count,
    max({{ plus_days('signup_date', 30) }}) <= max(as_of_date) as is_30_days_observed,
    count(case when is_active then 1 end) as active_count,
    {{ whole_sum('order_count') }} as order_count,
    sum(net_amount) as net_amount,
    {{ money_ratio('sum(net_amount)', 'count(*)') }} as amount_per_signup
from signed_up
group by signup_month_date
