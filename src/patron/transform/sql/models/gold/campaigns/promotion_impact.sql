{# Three comparisons, of which only the last is of like with like: promoted and never promoted customers as they are; promoted
   customers before and after; promoted customers and others who ordered as often in the same window and had spent about as
   much in the window before (in halves of the average order), weighted like the promoted ones (macros/matching.sql). A
   promotion that falls on orders by chance falls on those who order often, so the orders of its own window are matched. #}
{% set is_asked = maps_promotions() %}
{% set double = type_double() %}
{% set matched = 'matched on window, orders and earlier spend' %}

with
    average_order as ({{ average_order_units() }}),

    customers as (

        select
            promoted_order_count > 0 as is_promoted,
            cast(historical_clv as {{ double }}) as historical_clv,
            cast(net_amount as {{ double }})
            * 7
            / case when tenure_days < 7 then 7 else tenure_days end as amount_per_week,
            visits_per_week
        from {{ ref('customer_360') }}
        where order_count > 0 and 1 = {{ 1 if is_asked else 0 }}

    ),

    windows as (

        select
            windows.window_number,
            windows.window_order_count,
            windows.is_promoted,
            cast(windows.before_net_amount as {{ double }}) as before_net_amount,
            cast(windows.after_net_amount as {{ double }}) as after_net_amount,
            cast(windows.before_order_count as {{ double }}) as before_order_count,
            cast(windows.after_order_count as {{ double }}) as after_order_count,
            {{ spend_bin('windows.before_net_amount') }} as spend_bin
        from {{ ref('promotion_windows') }} as windows
        cross join average_order

    ),

    observed as (

        {% for measure in ['historical_clv', 'amount_per_week', 'visits_per_week'] -%}
            select
                'promoted and never promoted' as comparison,
                '{{ measure }}' as measure,
                0 as window_number,
                0 as spend_bin,
                0 as window_order_count,
                is_promoted as is_case,
                {{ measure }} as seen
            from customers
            where {{ measure }} is not null
            union all
        {% endfor -%}
        {% for measure in ['net_amount', 'order_count'] -%}
            select
                '{{ matched }}' as comparison,
                '{{ measure }}' as measure,
                window_number,
                spend_bin,
                window_order_count,
                is_promoted as is_case,
                after_{{ measure }} as seen
            from windows {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    {{ matched_means(['window_number', 'spend_bin', 'window_order_count']) }},

    looks as (

        select *
        from matched_means
        {% for measure in ['net_amount', 'order_count'] %}
            union all
            select
                'before and after' as comparison,
                '{{ measure }}' as measure,
                cast(count(*) as {{ double }}) as case_count,
                cast(count(*) as {{ double }}) as other_count,
                0 as unmatched_count,
                null as even_count,
                {{ steady_sum('after_' ~ measure) }} / count(*) as case_mean,
                {{ steady_sum('before_' ~ measure) }} / count(*) as other_mean,
                null as null_error,
                {{ standard_error_of_mean('(after_' ~ measure ~ ' - before_' ~ measure ~ ')') }} as standard_error
            from windows
            where is_promoted
            having count(*) > 0
        {% endfor %}
    ),

    ends as (

        select
            looks.*,
            case_mean - other_mean as difference,
            case_mean - other_mean - {{ normal_quantile() }} * standard_error as difference_low,
            case_mean - other_mean + {{ normal_quantile() }} * standard_error as difference_high,
            case
                when comparison = '{{ matched }}'
                then {{ z_of_means('case_mean - other_mean', 'null_error', 'case_count', 'even_count') }}
            end as z_score
        from looks

    ),

    {{ compare_many('ends') }}

select
    comparison,
    measure,
    cast(case_count as bigint) as promoted_count,
    cast(other_count as bigint) as other_count,
    cast(unmatched_count as bigint) as unmatched_count,
    round(case_mean, 4) as promoted_mean,
    round(other_mean, 4) as other_mean,
    round(difference, 4) as difference,
    round(difference_low, 4) as difference_low,
    round(difference_high, 4) as difference_high,
    p_value,
    compared_count,
    adjusted_p_value,
    case when comparison = '{{ matched }}' then reading else 'not matched' end as reading
from compared
