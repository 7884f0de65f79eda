{# The calendar is cut into windows of promotions.window_days. A customer's window with purchases is a case if
   their first promotion falls in it (promoted), and a comparison if they had none by its end (not promoted): what comes
   later, promotions too, chooses nobody. Both are observed in the window before and in the one after, which must be over. #}
{% set days = var('promotion_window_days') %}
{% set is_asked = maps_promotions() %}

with
    bounds as (
        select first_date, {{ whole_divide(days_between('first_date', 'as_of_date') ~ ' + 1', days) }} as window_count
        from {{ ref('as_of') }}
    ),

    spent as ({{ window_spending(days, '1 = 1' if is_asked else '1 = 0') }}),

    customers as (

        select
            habits.customer_id,
            {{ whole_divide(days_between('bounds.first_date', 'habits.first_promotion_date'), days) }}
            as promoted_window
        from {{ ref('customer_habits') }} as habits
        cross join bounds

    ),

    cases as (

        select
            spent.customer_id,
            spent.window_number,
            spent.order_count as window_order_count,
            coalesce(customers.promoted_window = spent.window_number, false) as is_promoted
        from spent
        cross join bounds
        inner join customers on spent.customer_id = customers.customer_id
        where
            spent.purchase_day_count > 0
            and spent.window_number >= 1
            and spent.window_number + 1 < bounds.window_count
            and coalesce(customers.promoted_window >= spent.window_number, true)

    )

    {{ spent_around_cases(['customer_id', 'window_number', 'window_order_count', 'is_promoted']) }}
