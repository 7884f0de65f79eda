with numbers as ({{ whole_numbers(4) }})

select
    cast(n as bigint) as minute_of_day,
    cast({{ whole_divide('n', 60) }} as int) as hour_of_day,
    cast(mod(n, 60) as int) as minute_of_hour,
    {{ band(whole_divide('n', 60), 'hour_of_day') }} as day_part
from numbers
where n < 1440
