with
    contacts as (

        select interactions.*, bounds.as_of_date
        from {{ ref('service_interactions') }} as interactions
        inner join {{ ref('as_of') }} as bounds on interactions.contacted_date <= bounds.as_of_date
        where interactions.customer_id is not null

    )

select
    customer_id,
    count(*) as interaction_count,
    count(case when is_resolved then 1 end) as resolved_interaction_count,
    count(case when is_escalated then 1 end) as escalated_interaction_count,
    cast(count(case when is_resolved then 1 end) as {{ type_double() }}) / count(*) as resolution_rate,
    cast(count(case when is_escalated then 1 end) as {{ type_double() }}) / count(*) as escalation_rate,
    min(contacted_date) as first_contact_date,
    max(contacted_date) as last_contact_date,
    {{ days_between('max(contacted_date)', 'max(as_of_date)') }} as days_since_last_contact
from contacts
group by customer_id
