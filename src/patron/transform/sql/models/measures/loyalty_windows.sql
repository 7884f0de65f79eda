{# The calendar is cut into windows of loyalty_uplift.window_days. A customer's window is a case if the order beyond
   loyalty_uplift.orders falls in it (the crossing), and a comparison if an earlier step does, the order beyond three quarters of these, and
   the crossing does not: both reach a number of orders in that window, so both are chosen for buying in it, and nothing later
   chooses anybody. They are matched on the orders of the window and on their pace until it: the days per order so far.
   Both are observed in the window before and in the one after, which must be over, and after their early days. #}
{% set rules = var('questions')['loyalty_uplift'] %}
{% set days, orders, step = rules['window_days'], rules['orders'], (rules['orders'] * 3 / 4) | int %}

with
    bounds as (
        select first_date, {{ whole_divide(days_between('first_date', 'as_of_date') ~ ' + 1', days) }} as window_count
        from {{ ref('as_of') }}
    ),

    spent as (
        {# whoever has fewer orders in all never reaches the first step #}
        {{ window_spending(
            days,
            'days.customer_id in (select customer_id from ' ~ ref('loyalty_customers') ~ ' where order_count > ' ~ step ~ ')'
        ) }}
    ),

    counted as (

        select
            spent.*,
            cast(
                sum(order_count) over (
                    partition by customer_id order by window_number rows between unbounded preceding and 1 preceding
                ) as bigint
            ) as earlier_count,
            cast(
                sum(order_count) over (
                    partition by customer_id order by window_number rows unbounded preceding
                ) as bigint
            ) as order_count_to_date
        from spent

    ),

    cases as (

        select
            counted.customer_id,
            counted.window_number,
            counted.order_count as window_order_count,
            {{ days_band(whole_divide(
                'counted.window_number * ' ~ days ~ ' - ' ~ days_between('bounds.first_date', 'customers.first_order_date'),
                'nullif(counted.earlier_count, 0)'
            )) }}
            as pace_band,
            counted.order_count_to_date > {{ orders }} as is_crosser
        from counted
        cross join bounds
        inner join {{ ref('loyalty_customers') }} as customers on counted.customer_id = customers.customer_id
        where
            counted.window_number + 1 < bounds.window_count
            and (counted.window_number - 1) * {{ days }}
            >= {{ days_between('bounds.first_date', 'customers.first_order_date') }} + {{ rules['early_days'] }}
            and counted.earlier_count > 0
            and counted.earlier_count
            <= case when counted.order_count_to_date > {{ orders }} then {{ orders }} else {{ step }} end
            and counted.order_count_to_date > {{ step }}

    )

    {{ spent_around_cases(['customer_id', 'window_number', 'window_order_count', 'pace_band', 'is_crosser']) }}
