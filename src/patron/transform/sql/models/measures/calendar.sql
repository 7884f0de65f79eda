with numbers as ({{ whole_numbers(5) }})

select {{ plus_days('bounds.first_date', 'numbers.n') }} as calendar_date
from {{ ref('as_of') }} as bounds
inner join numbers on numbers.n <= {{ days_between('bounds.first_date', 'bounds.as_of_date') }}
