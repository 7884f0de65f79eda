{# Purchases before the receipts begin are unknown: shares of customers who signed up by then would be too low. #}
with
    signed_up as (

        select
            {{ first_day_of('month', 'customers.signed_up_at') }} as signup_month_date,
            cast(customers.signed_up_at as date) as signup_date,
            customers.first_order_date,
            customers.order_count,
            customers.net_amount,
            customers.is_loyalty_member,
            customers.is_active,
            customers.as_of_date,
            bounds.first_date
        from {{ ref('customer_360') }} as customers
        cross join {{ ref('as_of') }} as bounds
        where customers.signed_up_at is not null and cast(customers.signed_up_at as date) <= customers.as_of_date

    ),

    counted as (

        select
            signup_month_date,
            count(*) as signup_count,
            count(case when is_loyalty_member then 1 end) as member_count,
            count(case when order_count > 0 then 1 end) as buyer_count,
            count(
                case when first_order_date <= {{ plus_days('signup_date', 30) }} then 1 end
            ) as bought_within_30_days_count,
            max({{ plus_days('signup_date', 30) }}) <= max(as_of_date) as is_30_days_observed,
            min(signup_date) < max(first_date) as is_before_receipts,
            count(case when is_active then 1 end) as active_count,
            {{ whole_sum('order_count') }} as order_count,
            sum(net_amount) as net_amount,
            {{ money_ratio('sum(net_amount)', 'count(*)') }} as amount_per_signup
        from signed_up
        group by signup_month_date

    )

select
    signup_month_date,
    signup_count,
    member_count,
    buyer_count,
    case when not is_before_receipts then cast(buyer_count as {{ type_double() }}) / signup_count end as buyer_rate,
    is_30_days_observed,
    case
        when is_30_days_observed and not is_before_receipts then bought_within_30_days_count
    end as bought_within_30_days_count,
    case
        when is_30_days_observed and not is_before_receipts
        then cast(bought_within_30_days_count as {{ type_double() }}) / signup_count
    end as bought_within_30_days_rate,
    case
        when is_before_receipts
        then 'signed up before the receipts begin'
        when not is_30_days_observed
        then '30 days are not over yet'
    end as unknown_reason,
    active_count,
    order_count,
    net_amount,
    amount_per_signup
from counted
