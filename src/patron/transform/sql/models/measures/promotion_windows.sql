{# The calendar is cut into windows of promotions.window_days. A customer's window with purchases is a case if
   their first promotion falls in it (promoted), and a comparison if none follows by the end of the next window (not promoted).
   Both are observed in the window before and in the one after, which must be over. #}
{% set days = var('promotion_window_days') %}
{% set is_asked = maps_promotions() %}

with
    bounds as (
        select first_date, {{ whole_divide(days_between('first_date', 'as_of_date') ~ ' + 1', days) }} as window_count
        from {{ ref('as_of') }}
    ),

    spent as ({{ window_spending(days, '1 = 1' if is_asked else '1 = 0') }}),

    cases as (

        select
            spent.customer_id,
            spent.window_number,
            habits.first_promotion_date is not null
            and {{ whole_divide(days_between('bounds.first_date', 'habits.first_promotion_date'), days) }}
            = spent.window_number as is_promoted
        from spent
        cross join bounds
        inner join {{ ref('customer_habits') }} as habits on spent.customer_id = habits.customer_id
        where
            spent.purchase_day_count > 0
            and spent.window_number >= 1
            and spent.window_number + 1 < bounds.window_count
            and (
                habits.first_promotion_date is null
                or {{ whole_divide(days_between('bounds.first_date', 'habits.first_promotion_date'), days) }}
                = spent.window_number
                or {{ whole_divide(days_between('bounds.first_date', 'habits.first_promotion_date'), days) }}
                > spent.window_number + 1
            )

    )

    {{ spent_around_cases(['customer_id', 'window_number', 'is_promoted']) }}
