with
    steps as (

        select
            as_of_date as moved_date,
            segment as to_segment,
            lag(segment) over (partition by customer_id order by as_of_date) as from_segment
        from {{ ref('customer_label_changes') }}

    )

select moved_date, from_segment, to_segment, count(*) as customer_count
from steps
where coalesce(from_segment, '') <> coalesce(to_segment, '')
group by moved_date, from_segment, to_segment
