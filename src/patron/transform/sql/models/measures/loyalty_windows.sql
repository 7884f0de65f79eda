{# The calendar is cut into windows of loyalty_uplift.window_days. A customer's window with purchases is a case if the
   crossing falls in it, and a comparison if none follows by the end of the next window. Both are observed in the window before
   and in the one after, which must be over, and after their early days, on which they are matched: what they were
   selected by must not fall in the window from which the change is counted. #}
{% set rules = var('questions')['loyalty_uplift'] %}
{% set days = rules['window_days'] %}

with
    bounds as (
        select first_date, {{ whole_divide(days_between('first_date', 'as_of_date') ~ ' + 1', days) }} as window_count
        from {{ ref('as_of') }}
    ),

    spent as (
        {{ window_spending(days, 'days.customer_id in (select customer_id from ' ~ ref('loyalty_customers') ~ ')') }}
    ),

    customers as (

        select
            customers.*,
            {{ whole_divide(days_between('bounds.first_date', 'customers.crossed_date'), days) }} as crossed_window,
            {{ days_between('bounds.first_date', 'customers.first_order_date') }}
            + {{ rules['early_days'] }} as known_after_days
        from {{ ref('loyalty_customers') }} as customers
        cross join bounds

    ),

    cases as (

        select
            spent.customer_id,
            spent.window_number,
            coalesce(customers.crossed_window = spent.window_number, false) as is_crosser,
            customers.early_order_band,
            customers.early_spend_band
        from spent
        cross join bounds
        inner join customers on spent.customer_id = customers.customer_id
        where
            spent.purchase_day_count > 0
            and spent.window_number + 1 < bounds.window_count
            and (spent.window_number - 1) * {{ days }} >= customers.known_after_days
            and (
                customers.crossed_window is null
                or customers.crossed_window = spent.window_number
                or customers.crossed_window > spent.window_number + 1
            )

    )

    {{ spent_around_cases(['customer_id', 'window_number', 'is_crosser', 'early_order_band', 'early_spend_band']) }}
