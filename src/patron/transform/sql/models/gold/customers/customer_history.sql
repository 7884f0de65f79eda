with
    changes as (

        select
            customer_id,
            as_of_date,
            segment,
            clv_tier,
            churn_group,
            lead(as_of_date) over (partition by customer_id order by as_of_date) as next_date
        from {{ ref('customer_label_changes') }}

    )

select
    customer_id,
    as_of_date as valid_from_date,
    next_date as valid_to_date,
    next_date is null as is_current,
    segment,
    clv_tier,
    churn_group
from changes
where segment is not null
