{# One pass over the days on which customers bought. A customer who buys on day d and next on day n counts as active in
   the window of w days on every day from d to the day before min(d + w, n): +1 at d, -1 at that end. The running
   sum is the number of distinct customers, without a distinct count or a join of days to days.
   in_window follows the churn rule, by which a customer has churned only after more than so many days. #}
{% set windows = {'wau': 7, 'mau': 30, 'in_window': var('churn_window_days')} %}

with
    bounds as (select * from {{ ref('as_of') }}),

    purchase_days as (select * from {{ ref('customer_days') }} where sale_line_count > 0),

    starts as (

        select
            activity_date as day_date,
            count(*) as dau,
            count(case when purchase_day_number = 2 then 1 end) as second_day_count
        from purchase_days
        group by activity_date

    ),

    {% for name, days in windows.items() -%}
        {{ name }}_ends as (

            select day_date, count(*) as {{ name }}_end_count
            from
                (
                    select
                        {% set reach = days + (1 if name == 'in_window' else 0) -%}
                        case
                            when next_purchase_date <= {{ plus_days('activity_date', reach) }}
                            then next_purchase_date
                            else {{ plus_days('activity_date', reach) }}
                        end as day_date
                    from purchase_days
                ) as ends
            group by day_date

        ),

    {% endfor -%}
    orders as (

        select
            whole_order_date as day_date,
            count(*) as order_count,
            count(case when customer_id is null then 1 end) as guest_order_count
        from {{ ref('order_measures') }}
        where is_counted
        group by whole_order_date

    ),

    milestones as (

        select
            activity_date as day_date,
            count(case when order_count_to_date - order_count < 1 then 1 end) as new_customer_count,
            count(
                case when order_count_to_date >= 2 and order_count_to_date - order_count < 2 then 1 end
            ) as second_order_count
        from {{ ref('customer_days') }}
        where order_count > 0
        group by activity_date

    ),

    {# of customers who buy on some day: what they spent, and that amount times the day number of their first order.
   A refund before the first order counts from the first order on: until then the shop has no such customer. #}
    buyer_days as (

        select
            case
                when days.activity_date < days.first_order_date then days.first_order_date else days.activity_date
            end as day_date,
            days.net_amount,
            {{ days_between('bounds.first_date', 'days.first_order_date') }} as first_order_day_number
        from {{ ref('customer_days') }} as days
        cross join bounds
        where days.first_order_date is not null

    ),

    customer_amounts as (

        select
            day_date,
            sum(net_amount) as customer_net_amount,
            sum(net_amount * first_order_day_number) as weighted_net_amount
        from buyer_days
        group by day_date

    )

select
    calendar.calendar_date,
    coalesce(starts.dau, 0) as dau,
    {% for name in windows -%}
        cast(
            sum(coalesce(starts.dau, 0) - coalesce({{ name }}_ends.{{ name }}_end_count, 0)) over (
                order by calendar.calendar_date rows unbounded preceding
            ) as bigint
        ) as {{ name }},
    {% endfor -%}
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.guest_order_count, 0) as guest_order_count,
    coalesce(milestones.new_customer_count, 0) as new_customer_count,
    coalesce(milestones.second_order_count, 0) as second_order_count,
    coalesce(starts.second_day_count, 0) as second_day_count,
    coalesce(lines.line_count, 0) as line_count,
    coalesce(lines.sale_line_count, 0) as sale_line_count,
    coalesce(lines.unit_count, 0) as unit_count,
    coalesce(lines.gross_amount, 0) as gross_amount,
    coalesce(lines.discount_amount, 0) as discount_amount,
    coalesce(lines.refund_amount, 0) as refund_amount,
    coalesce(lines.net_amount, 0) as net_amount,
    coalesce(lines.other_amount, 0) as other_amount,
    coalesce(customer_amounts.customer_net_amount, 0) as customer_net_amount,
    coalesce(customer_amounts.weighted_net_amount, 0) as weighted_net_amount
from {{ ref('calendar') }} as calendar
left join starts on calendar.calendar_date = starts.day_date
{% for name in windows -%} left join {{ name }}_ends on calendar.calendar_date = {{ name }}_ends.day_date {% endfor -%}
left join {{ ref('day_lines') }} as lines on calendar.calendar_date = lines.order_date
left join orders on calendar.calendar_date = orders.day_date
left join milestones on calendar.calendar_date = milestones.day_date
left join customer_amounts on calendar.calendar_date = customer_amounts.day_date
