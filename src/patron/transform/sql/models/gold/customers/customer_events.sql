{# What happened to a customer apart from orders, which are in fct_orders: contacts with support, and sessions
   brought by campaigns, by as_of. #}
with
    contacts as (

        select
            interactions.customer_id,
            'contact' as event_kind,
            interactions.contacted_at as happened_at,
            interactions.contacted_date as happened_date,
            interactions.issue_type as subject,
            interactions.channel,
            case
                when interactions.is_escalated
                then 'escalated'
                when interactions.is_resolved
                then 'resolved'
                else 'open'
            end as outcome,
            cast(null as {{ type_amount() }}) as event_amount,
            interactions.id_namespace
        from {{ ref('service_interactions') }} as interactions
        inner join {{ ref('as_of') }} as bounds on interactions.contacted_date <= bounds.as_of_date
        where interactions.customer_id is not null

    ),

    sessions as (

        select
            customer_id,
            'session' as event_kind,
            touched_at as happened_at,
            touched_date as happened_date,
            campaign as subject,
            cast(null as {{ type_text() }}) as channel,
            case
                when is_returned
                then 'ordered and returned'
                when is_conversion
                then 'ordered'
                when is_carted
                then 'in the cart'
                else 'looked'
            end as outcome,
            case when is_conversion then cast(revenue_amount as {{ type_amount() }}) end as event_amount,
            id_namespace
        from {{ ref('campaign_sessions') }}
        where customer_id is not null

    )

select *
from contacts
union all
select *
from sessions
