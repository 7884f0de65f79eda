with
    measured as (

        select
            measures.customer_id,
            measures.order_count,
            measures.first_order_date,
            measures.last_order_date,
            coalesce(gaps.gap_count, 0) as gap_count,
            cast(gaps.gap_days_sum as {{ type_double() }}) / gaps.gap_count as average_gap_days,
            gaps.median_gap_days,
            gaps.longest_gap_days,
            measures.days_since_last_order
        from {{ ref('customer_measures') }} as measures
        left join {{ ref('customer_gaps') }} as gaps on measures.customer_id = gaps.customer_id
        where measures.order_count > 0

    )

select
    measured.*,
    days_since_last_order / nullif(median_gap_days, 0) as silence_ratio,
    case
        when gap_count = 0
        then 'one order'
        when days_since_last_order > longest_gap_days
        then 'longer than any previous gap'
        when days_since_last_order > median_gap_days
        then 'longer than usual'
        else 'as usual'
    end as silence_reading
from measured
