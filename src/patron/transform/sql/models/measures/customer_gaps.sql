{# Days from each order to the customer's next. The median is the mean of the two middle gaps, counted rather than asked
   of the engine. #}
{{ refresh(by=['customer_id'], follows='changed_lines') }}

with
    order_days as (

        select
            customer_id,
            activity_date,
            order_count,
            lead(activity_date) over (partition by customer_id order by activity_date) as next_order_date
        from {{ affected(ref('customer_days')) }} as days
        where order_count > 0

    ),

    {# orders on one day are 0 days apart #}
    gaps as (

        select customer_id, {{ days_between('activity_date', 'next_order_date') }} as gap_days, 1 as gap_count
        from order_days
        where next_order_date is not null
        union all
        select customer_id, 0 as gap_days, order_count - 1 as gap_count
        from order_days
        where order_count > 1

    ),

    lengths as (

        select customer_id, gap_days, {{ whole_sum('gap_count') }} as gap_count from gaps group by customer_id, gap_days

    ),

    reached as (

        select
            customer_id,
            gap_days,
            gap_count,
            {{ whole_running('gap_count', 'customer_id', 'gap_days') }} as reached_count,
            cast(sum(gap_count) over (partition by customer_id) as bigint) as whole_count
        from lengths

    )

select
    customer_id,
    max(whole_count) as gap_count,
    {{ whole_sum('gap_days * gap_count') }} as gap_days_sum,
    (
        min(case when 2 * reached_count >= whole_count then gap_days end)
        + min(case when 2 * reached_count > whole_count then gap_days end)
    )
    / cast(2 as {{ type_double() }}) as median_gap_days,
    max(gap_days) as longest_gap_days
from reached
group by customer_id
