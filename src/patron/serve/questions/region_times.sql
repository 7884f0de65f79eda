-- How valuable are the customers of each region, and at which hour and on which weekday do they order most?
select
    region,
    customer_count,
    total_historical_clv,
    average_historical_clv,
    order_count,
    hours_state,
    preferred_hour,
    round(preferred_hour_share, 3) as preferred_hour_share,
    case preferred_weekday
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        else 'Sunday'
    end as preferred_weekday,
    round(preferred_weekday_share, 3) as preferred_weekday_share
from region_ordering_times
order by average_historical_clv desc nulls last, region
limit 100
