with
    orders as (

        select
            order_date,
            count(customer_id) as customer_order_count,
            count(case when customer_id is null then 1 end) as guest_order_count,
            sum(
                case when customer_id is not null then gross_amount + discount_amount else 0 end
            ) as customer_spent_amount,
            sum(case when customer_id is null then gross_amount + discount_amount else 0 end) as guest_spent_amount
        from {{ ref('order_measures') }}
        group by order_date

    ),

    firsts as (

        select order_date, count(*) as first_order_count, sum(spent_amount) as first_spent_amount
        from {{ ref('customer_first_orders') }}
        group by order_date

    ),

    months as (

        select
            dates.month_start_date,
            {{ whole_sum('coalesce(firsts.first_order_count, 0)') }} as first_order_count,
            sum(coalesce(firsts.first_spent_amount, 0)) as first_spent_amount,
            {{ whole_sum('coalesce(orders.customer_order_count, 0) - coalesce(firsts.first_order_count, 0)') }}
            as returning_order_count,
            sum(
                coalesce(orders.customer_spent_amount, 0) - coalesce(firsts.first_spent_amount, 0)
            ) as returning_spent_amount,
            {{ whole_sum('coalesce(orders.guest_order_count, 0)') }} as guest_order_count,
            sum(coalesce(orders.guest_spent_amount, 0)) as guest_spent_amount,
            sum(days.net_amount) as net_amount
        from {{ ref('day_measures') }} as days
        inner join {{ ref('dim_date') }} as dates on days.calendar_date = dates.calendar_date
        left join orders on days.calendar_date = orders.order_date
        left join firsts on days.calendar_date = firsts.order_date
        group by dates.month_start_date

    ),

    averaged as (

        select
            months.*,
            {% for kind in ['first', 'returning', 'guest'] -%}
                {{ money_ratio(kind ~ '_spent_amount', kind ~ '_order_count') }} as amount_per_{{ kind }}_order,
            {% endfor -%}
            periods.is_complete,
            periods.incomplete_reason
        from months
        inner join
            {{ ref('periods') }} as periods
            on periods.period_kind = 'month'
            and months.month_start_date = periods.period_start_date

    )

select
    month_start_date as order_month_date,
    is_complete,
    incomplete_reason,
    first_order_count,
    first_spent_amount,
    amount_per_first_order,
    returning_order_count,
    returning_spent_amount,
    amount_per_returning_order,
    amount_per_returning_order - amount_per_first_order as difference_amount,
    cast(amount_per_returning_order - amount_per_first_order as {{ type_double() }})
    / nullif(cast(amount_per_first_order as {{ type_double() }}), 0) as difference_rate,
    guest_order_count,
    guest_spent_amount,
    amount_per_guest_order,
    net_amount - first_spent_amount - returning_spent_amount - guest_spent_amount as unassigned_amount,
    net_amount
from averaged
