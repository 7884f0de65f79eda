{# Two comparisons: crossers before and after; and how their change differs from that of others who reached an earlier step in the
   same window, with as many orders in it and at the same pace (difference in differences, macros/matching.sql). Everything is added exactly, by window, and
   converted to a rate per 30 days at the end. #}
{% set double = type_double() %}
{% set matched = 'matched on pace' %}
{% set measures = ['net_amount', 'order_count'] %}
{% set means = ['crosser_before_mean', 'crosser_after_mean', 'other_before_mean', 'other_after_mean', 'difference', 'null_error', 'standard_error'] %}

with
    windows as (select loyalty_windows.*, is_crosser as is_case from {{ ref('loyalty_windows') }} as loyalty_windows),

    observed as (

        {% for measure in measures -%}
            {% for part, seen in [
                ('before', 'before_' ~ measure),
                ('after', 'after_' ~ measure),
                ('change', 'after_' ~ measure ~ ' - before_' ~ measure),
            ] -%}
                select
                    '{{ part }}' as comparison,
                    '{{ measure }}' as measure,
                    window_number,
                    window_order_count,
                    pace_band,
                    is_case,
                    cast({{ seen }} as {{ type_total() }}) as seen
                from windows {{ 'union all' if not loop.last }}
                {% endfor -%} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    {{ matched_means(['window_number', 'window_order_count', 'pace_band']) }},

    looks as (

        select
            '{{ matched }}' as comparison,
            changes.measure,
            changes.case_count,
            changes.other_count,
            changes.unmatched_count,
            changes.even_count,
            befores.case_mean as crosser_before_mean,
            afters.case_mean as crosser_after_mean,
            befores.other_mean as other_before_mean,
            afters.other_mean as other_after_mean,
            changes.case_mean - changes.other_mean as difference,
            changes.null_error,
            changes.standard_error
        from matched_means as changes
        inner join matched_means as befores on changes.measure = befores.measure and befores.comparison = 'before'
        inner join matched_means as afters on changes.measure = afters.measure and afters.comparison = 'after'
        where changes.comparison = 'change'
        {% for measure in measures %}
                {%- set change = '(after_' ~ measure ~ ' - before_' ~ measure ~ ')' %}
            union all
            select
                'before and after' as comparison,
                '{{ measure }}' as measure,
                cast(count(*) as {{ double }}) as case_count,
                0 as other_count,
                0 as unmatched_count,
                null as even_count,
                {{ steady_sum('before_' ~ measure) }} / count(*) as crosser_before_mean,
                {{ steady_sum('after_' ~ measure) }} / count(*) as crosser_after_mean,
                null as other_before_mean,
                null as other_after_mean,
                {{ steady_sum(change) }} / count(*) as difference,
                null as null_error,
                {{ standard_error_of_mean(change) }} as standard_error
            from windows
            where is_case
            having count(*) > 0
        {% endfor %}
    ),

    rates as (

        select
            comparison,
            measure,
            case_count,
            other_count,
            unmatched_count,
            even_count,
            {% for mean in means -%}
                {{ mean }}
                * 30
                / {{ var('questions')['loyalty_uplift']['window_days'] }} as {{ mean }}{{ ',' if not loop.last }}
            {% endfor %}
        from looks

    ),

    ends as (

        select
            rates.*,
            difference - {{ normal_quantile() }} * standard_error as difference_low,
            difference + {{ normal_quantile() }} * standard_error as difference_high,
            case
                when comparison = '{{ matched }}'
                then {{ z_of_means('difference', 'null_error', 'case_count', 'even_count') }}
            end as z_score
        from rates

    ),

    {{ compare_many('ends') }}

select
    comparison,
    measure,
    cast(case_count as bigint) as crosser_count,
    cast(other_count as bigint) as other_count,
    cast(unmatched_count as bigint) as unmatched_count,
    round(crosser_before_mean, 4) as crosser_before_mean,
    round(crosser_after_mean, 4) as crosser_after_mean,
    round(other_before_mean, 4) as other_before_mean,
    round(other_after_mean, 4) as other_after_mean,
    round(difference, 4) as difference,
    round(difference_low, 4) as difference_low,
    round(difference_high, 4) as difference_high,
    p_value,
    compared_count,
    adjusted_p_value,
    case when comparison = '{{ matched }}' then reading else 'not matched' end as reading
from compared
