{# Groups of customers by their contact with support, and their outcomes: later purchase, retention, churn risk. Each
   share has its 95% interval, and each difference from the first group of its comparison an interval of its own. #}
{% set comparisons = {
    'contact': ['no contact', 'any contact'],
    'contacts': ['1 contact', '2 contacts', '3 or more contacts'],
    'resolution': ['all resolved', 'some not resolved'],
    'escalation': ['never escalated', 'escalated'],
} %}
{% set outcomes = {'later_purchase': 'bought_again', 'retention': 'is_retained', 'high_churn_risk': 'is_high_risk'} %}

with
    buyers as (

        select
            customers.customer_id,
            customers.interaction_count,
            customers.resolved_interaction_count,
            customers.escalated_interaction_count,
            case when customers.is_churned then 0 else 1 end as is_retained,
            case
                when customers.churn_risk is null
                then null
                when customers.churn_risk in ('Critical', 'High')
                then 1
                else 0
            end as is_high_risk,
            {# customers whose first contact is too recent for the follow-up to be over have no outcome yet #}
            case
                when {{ plus_days('support.first_contact_date', var('follow_up_days')) }} < customers.as_of_date
                then case when max(days.activity_date) is not null then 1 else 0 end
            end as bought_again
        from {{ ref('customer_360') }} as customers
        left join {{ ref('customer_support') }} as support on customers.customer_id = support.customer_id
        left join
            {{ ref('customer_days') }} as days
            on support.customer_id = days.customer_id
            and days.sale_line_count > 0
            and days.activity_date > support.first_contact_date
            and days.activity_date <= {{ plus_days('support.first_contact_date', var('follow_up_days')) }}
        where customers.order_count > 0 and 1 = {{ 1 if var('mapped_columns').get('service_interactions') else 0 }}
        group by
            customers.customer_id,
            customers.interaction_count,
            customers.resolved_interaction_count,
            customers.escalated_interaction_count,
            customers.is_churned,
            customers.churn_risk,
            customers.as_of_date,
            support.first_contact_date

    ),

    grouped as (

        select
            'contact' as comparison,
            case when interaction_count = 0 then 'no contact' else 'any contact' end as group_name,
            buyers.*
        from buyers
        union all
        select
            'contacts' as comparison,
            case
                when interaction_count = 1
                then '1 contact'
                when interaction_count = 2
                then '2 contacts'
                else '3 or more contacts'
            end as group_name,
            buyers.*
        from buyers
        where interaction_count > 0
        union all
        select
            'resolution' as comparison,
            case
                when resolved_interaction_count = interaction_count then 'all resolved' else 'some not resolved'
            end as group_name,
            buyers.*
        from buyers
        where interaction_count > 0
        union all
        select
            'escalation' as comparison,
            case when escalated_interaction_count > 0 then 'escalated' else 'never escalated' end as group_name,
            buyers.*
        from buyers
        where interaction_count > 0

    ),

    counted as (

        {% for outcome, column in outcomes.items() -%}
            select
                comparison,
                group_name,
                '{{ outcome }}' as outcome,
                count(*) as group_size,
                {{ whole_sum('interaction_count') }} as interaction_count,
                {{ whole_sum('resolved_interaction_count') }} as resolved_count,
                {{ whole_sum('escalated_interaction_count') }} as escalated_count,
                count({{ column }}) as customer_count,
                {{ whole_sum('coalesce(' ~ column ~ ', 0)') }} as outcome_count
            from grouped
            group by comparison, group_name {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    rated as (

        select
            counted.*,
            cast(outcome_count as {{ type_double() }}) / nullif(customer_count, 0) as outcome_rate,
            {{ wilson('outcome_count', 'customer_count', 'low') }} as outcome_rate_low,
            {{ wilson('outcome_count', 'customer_count', 'high') }} as outcome_rate_high
        from counted

    ),

    firsts as (

        select *
        from rated
        where
            group_name
            in ({% for names in comparisons.values() %}'{{ names[0] }}'{{ ', ' if not loop.last }}{% endfor %})

    ),

    compared as (

        select
            rated.*,
            firsts.group_name as compared_with,
            rated.outcome_rate - firsts.outcome_rate as difference,
            {% for end in ['low', 'high'] -%}
                {{ newcombe(
                    'rated.outcome_rate', 'rated.outcome_rate_low', 'rated.outcome_rate_high',
                    'firsts.outcome_rate', 'firsts.outcome_rate_low', 'firsts.outcome_rate_high', end
                ) }} as difference_{{ end }}{{ ',' if not loop.last }}
            {% endfor %}
        from rated
        left join
            firsts
            on rated.comparison = firsts.comparison
            and rated.outcome = firsts.outcome
            and rated.group_name <> firsts.group_name

    )

select
    comparison,
    group_name,
    outcome,
    group_size,
    interaction_count,
    cast(resolved_count as {{ type_double() }}) / nullif(interaction_count, 0) as resolution_rate,
    cast(escalated_count as {{ type_double() }}) / nullif(interaction_count, 0) as escalation_rate,
    customer_count,
    outcome_count,
    outcome_rate,
    outcome_rate_low,
    outcome_rate_high,
    compared_with,
    difference,
    difference_low,
    difference_high,
    case when compared_with is not null then {{ reading('difference_low', 'difference_high') }} end as reading
from compared
