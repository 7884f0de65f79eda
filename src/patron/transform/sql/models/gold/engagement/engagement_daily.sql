{% set month_days = 30 %}

select
    days.calendar_date as activity_date,
    days.dau,
    days.wau,
    days.mau,
    case
        when {{ days_between('bounds.first_date', 'days.calendar_date') }} + 1 >= {{ month_days }}
        then cast(days.dau as {{ type_double() }}) / nullif(days.mau, 0)
    end as stickiness,
    case
        when {{ days_between('bounds.first_date', 'days.calendar_date') }} + 1 < {{ month_days }}
        then 'fewer than {{ month_days }} days of data'
        when days.mau = 0
        then 'no customers in {{ month_days }} days'
    end as stickiness_reason
from {{ ref('day_measures') }} as days
cross join {{ ref('as_of') }} as bounds
