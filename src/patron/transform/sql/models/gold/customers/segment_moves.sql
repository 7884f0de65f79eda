{# Nobody moved on the first observed day: all that was seen then is where customers stood. #}
with
    observed_days as (

        select as_of_date
        from {{ source('history', 'label_changes') }}
        union all
        select as_of_date
        from {{ ref('as_of') }}

    ),

    first_day as (select min(as_of_date) as first_date from observed_days),

    steps as (

        select
            as_of_date as moved_date,
            segment as to_segment,
            lag(segment) over (partition by customer_id order by as_of_date) as from_segment
        from {{ ref('customer_label_changes') }}

    )

select steps.moved_date, steps.from_segment, steps.to_segment, count(*) as customer_count
from steps
inner join first_day on steps.moved_date > first_day.first_date
where coalesce(steps.from_segment, '') <> coalesce(steps.to_segment, '')
group by steps.moved_date, steps.from_segment, steps.to_segment
