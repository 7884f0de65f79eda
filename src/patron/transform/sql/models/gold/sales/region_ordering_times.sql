{% set is_asked = is_mapped('customers', 'region') or is_mapped('order_lines', 'region') %}

with
    by_hour as (

        select region, hour_of_day, {{ whole_sum('order_count') }} as order_count
        from {{ ref('region_hours') }}
        where hour_of_day is not null
        group by region, hour_of_day

    ),

    hours as (

        select
            region,
            hour_of_day,
            order_count,
            row_number() over (partition by region order by order_count desc, hour_of_day) as place
        from by_hour

    ),

    by_weekday as (

        select region, weekday, {{ whole_sum('order_count') }} as order_count
        from {{ ref('region_hours') }}
        group by region, weekday

    ),

    weekdays as (

        select
            region,
            weekday,
            order_count,
            row_number() over (partition by region order by order_count desc, weekday) as place
        from by_weekday

    ),

    ordered as (

        select
            region,
            {{ whole_sum('order_count') }} as order_count,
            {{ whole_sum('guest_order_count') }} as guest_order_count,
            {{ whole_sum('case when hour_of_day is null then 0 else order_count end') }} as timed_order_count,
            sum(spent_amount) as spent_amount
        from {{ ref('region_hours') }}
        group by region

    ),

    customers as (

        select
            coalesce(regions.region, 'unknown') as region,
            count(*) as customer_count,
            sum(measures.historical_clv) as total_historical_clv
        from {{ ref('customer_measures') }} as measures
        left join {{ ref('customer_regions') }} as regions on measures.customer_id = regions.customer_id
        where measures.order_count > 0 and 1 = {{ 1 if is_asked else 0 }}
        group by coalesce(regions.region, 'unknown')

    )

select
    ordered.region,
    coalesce(customers.customer_count, 0) as customer_count,
    cast(coalesce(customers.total_historical_clv, 0) as {{ type_total() }}) as total_historical_clv,
    {{ money_ratio('coalesce(customers.total_historical_clv, 0)', 'customers.customer_count') }}
    as average_historical_clv,
    ordered.order_count,
    ordered.guest_order_count,
    cast(ordered.spent_amount as {{ type_total() }}) as spent_amount,
    ordered.timed_order_count,
    case
        when ordered.timed_order_count = 0
        then 'no hours known'
        when ordered.timed_order_count < ordered.order_count
        then 'some hours known'
        else 'hours known'
    end as hours_state,
    hours.hour_of_day as preferred_hour,
    cast(hours.order_count as {{ type_double() }}) / nullif(ordered.timed_order_count, 0) as preferred_hour_share,
    weekdays.weekday as preferred_weekday,
    cast(weekdays.order_count as {{ type_double() }}) / ordered.order_count as preferred_weekday_share
from ordered
inner join weekdays on ordered.region = weekdays.region and weekdays.place = 1
left join hours on ordered.region = hours.region and hours.place = 1
left join customers on ordered.region = customers.region
