with
    touches as (

        select
            touches.*,
            row_number() over (partition by touches.customer_id order by touches.touched_at, touches._row_key) as place,
            row_number() over (
                partition by touches.customer_id order by touches.touched_at desc, touches._row_key desc
            ) as place_from_last
        from {{ ref('campaign_touches') }} as touches
        inner join {{ ref('as_of') }} as bounds on touches.touched_date <= bounds.as_of_date
        where touches.customer_id is not null

    )

select
    customer_id,
    count(*) as session_count,
    count(case when is_conversion then 1 end) as conversion_count,
    max(case when place = 1 then campaign end) as first_campaign,
    max(case when place_from_last = 1 then campaign end) as last_campaign,
    max(touched_date) as last_session_date
from touches
group by customer_id
