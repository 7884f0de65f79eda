{# Buyers at time zero, support.follow_up_days before the last day: their orders and contacts by then, and what followed in the
   same days for all. Nothing that happens after time zero changes who is here, or what is counted of the past. #}
{% set follow_up = var('follow_up_days') %}

with
    bounds as (

        select
            {{ plus_days('as_of_date', -follow_up) }} as zero_date,
            {{ days_between('first_date', 'as_of_date') }} > {{ var('churn_window_days') }} as can_churn
        from {{ ref('as_of') }}

    ),

    histories as (

        select
            days.customer_id,
            bounds.zero_date,
            bounds.can_churn,
            {{ whole_sum('case when days.activity_date <= bounds.zero_date then days.order_count else 0 end') }}
            as order_count,
            max(
                case
                    when days.sale_line_count > 0 and days.activity_date <= bounds.zero_date then days.activity_date
                end
            ) as last_order_date,
            max(
                case when days.sale_line_count > 0 and days.activity_date > bounds.zero_date then 1 else 0 end
            ) as bought_again
        from {{ ref('customer_days') }} as days
        cross join bounds
        where 1 = {{ 1 if var('mapped_columns').get('service_interactions') else 0 }}
        group by days.customer_id, bounds.zero_date, bounds.can_churn

    ),

    contacts as (

        select
            interactions.customer_id,
            count(*) as interaction_count,
            count(
                case
                    when
                        interactions.is_resolved
                        and coalesce(cast(interactions.resolved_at as date) <= bounds.zero_date, true)
                    then 1
                end
            ) as resolved_count,
            count(case when interactions.is_escalated then 1 end) as escalated_count
        from {{ ref('service_interactions') }} as interactions
        inner join bounds on interactions.contacted_date <= bounds.zero_date
        where interactions.customer_id is not null
        group by interactions.customer_id

    )

select
    histories.customer_id,
    {{ order_band('histories.order_count') }} as order_band,
    {{ days_band(days_between('histories.last_order_date', 'histories.zero_date')) }} as recency_band,
    coalesce(contacts.interaction_count, 0) as interaction_count,
    coalesce(contacts.resolved_count, 0) as resolved_count,
    coalesce(contacts.escalated_count, 0) as escalated_count,
    histories.bought_again,
    {# who had churned by time zero can no longer be kept, and where nobody can have churned yet, keeping says nothing #}
    case
        when
            histories.can_churn
            and {{ days_between('histories.last_order_date', 'histories.zero_date') }} <= {{ var('churn_window_days') }}
        then case when labels.is_churned then 0 else 1 end
    end as is_retained,
    case
        when labels.churn_risk is null then null when labels.churn_risk in ('Critical', 'High') then 1 else 0
    end as is_high_risk
from histories
inner join {{ ref('customer_labels') }} as labels on histories.customer_id = labels.customer_id
left join contacts on histories.customer_id = contacts.customer_id
where histories.order_count > 0
