{# Groups of customers by their contacts with support by time zero, and what followed: later purchase, retention, churn risk.
   Who orders more has more contacts, so each group is compared with the first of its comparison among customers
   with as many orders and as recent ones (macros/matching.sql). #}
{% set comparisons = {
    'contact': ['no contact', 'any contact'],
    'contacts': ['1 contact', '2 contacts', '3 or more contacts'],
    'resolution': ['all resolved', 'some not resolved'],
    'escalation': ['never escalated', 'escalated'],
} %}
{% set outcomes = {'later_purchase': 'bought_again', 'retention': 'is_retained', 'high_churn_risk': 'is_high_risk'} %}
{% set key = ['comparison', 'group_name', 'outcome'] %}

with
    grouped as (

        select
            'contact' as comparison,
            case when interaction_count = 0 then 'no contact' else 'any contact' end as group_name,
            customers.*
        from {{ ref('support_cohort') }} as customers
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
            customers.*
        from {{ ref('support_cohort') }} as customers
        where interaction_count > 0
        union all
        select
            'resolution' as comparison,
            case when resolved_count = interaction_count then 'all resolved' else 'some not resolved' end as group_name,
            customers.*
        from {{ ref('support_cohort') }} as customers
        where interaction_count > 0
        union all
        select
            'escalation' as comparison,
            case when escalated_count > 0 then 'escalated' else 'never escalated' end as group_name,
            customers.*
        from {{ ref('support_cohort') }} as customers
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
                {{ whole_sum('resolved_count') }} as resolved_count,
                {{ whole_sum('escalated_count') }} as escalated_count,
                count({{ column }}) as customer_count,
                {{ whole_sum('coalesce(' ~ column ~ ', 0)') }} as outcome_count
            from grouped
            group by comparison, group_name {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    rated as ({{ with_rates('counted', {'outcome_rate': ['outcome_count', 'customer_count']}) }}),

    pairs as (

        {% for comparison, groups in comparisons.items() -%}
            {%- set last_comparison = loop.last -%}
            {%- for group in groups[1:] -%}
                select
                    '{{ comparison }}' as comparison,
                    '{{ group }}' as group_name,
                    '{{ groups[0] }}' as compared_with {{ 'union all' if not (loop.last and last_comparison) }}
            {% endfor -%}
        {% endfor %}
    ),

    observed as (

        {% for outcome, column in outcomes.items() -%}
            select
                pairs.comparison,
                pairs.group_name,
                '{{ outcome }}' as outcome,
                grouped.order_band,
                grouped.recency_band,
                grouped.group_name = pairs.group_name as is_case,
                grouped.{{ column }} as seen
            from pairs
            inner join
                grouped
                on pairs.comparison = grouped.comparison
                and grouped.group_name in (pairs.group_name, pairs.compared_with)
            where grouped.{{ column }} is not null {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    {{ matched_means(['order_band', 'recency_band'], of=key) }},

    {{ differences_of_rates() }},

    {{ compare_many('differences') }}

select
    rated.comparison,
    rated.group_name,
    rated.outcome,
    rated.group_size,
    rated.interaction_count,
    cast(rated.resolved_count as {{ type_double() }}) / nullif(rated.interaction_count, 0) as resolution_rate,
    cast(rated.escalated_count as {{ type_double() }}) / nullif(rated.interaction_count, 0) as escalation_rate,
    rated.customer_count,
    rated.outcome_count,
    rated.outcome_rate,
    rated.outcome_rate_low,
    rated.outcome_rate_high,
    case
        when rated.customer_count > 0
        then null
        when rated.outcome = 'retention'
        then 'nobody can have churned since time zero'
        else 'churn risk is not known'
    end as unknown_reason,
    pairs.compared_with,
    cast(compared.case_count as bigint) as matched_count,
    case
        when pairs.compared_with is not null
        then coalesce(rated.customer_count - cast(compared.case_count as bigint), rated.customer_count)
    end as unmatched_count,
    compared.case_mean as matched_rate,
    compared.other_mean as compared_rate,
    compared.difference,
    compared.difference_low,
    compared.difference_high,
    compared.p_value,
    coalesce(max(compared.compared_count) over (), 0) as compared_count,
    compared.adjusted_p_value,
    case when pairs.compared_with is not null then coalesce(compared.reading, 'too few to compare') end as reading
from rated
left join pairs on rated.comparison = pairs.comparison and rated.group_name = pairs.group_name
left join
    compared
    on rated.comparison = compared.comparison
    and rated.group_name = compared.group_name
    and rated.outcome = compared.outcome
