select
    calendar_date,
    cast(extract(year from calendar_date) as int) as calendar_year,
    cast(extract(quarter from calendar_date) as int) as calendar_quarter,
    cast(extract(month from calendar_date) as int) as calendar_month,
    cast(extract(day from calendar_date) as int) as day_of_month,
    cast({{ iso_weekday('calendar_date') }} as int) as day_of_week,
    {{ iso_weekday('calendar_date') }} >= 6 as is_weekend,
    {{ first_day_of('month', 'calendar_date') }} as month_start_date,
    {{ first_day_of('quarter', 'calendar_date') }} as quarter_start_date,
    {{ first_day_of('year', 'calendar_date') }} as year_start_date,
    {{ plus_days('calendar_date', '1 - ' ~ iso_weekday('calendar_date')) }} as week_start_date
from {{ ref('calendar') }}
