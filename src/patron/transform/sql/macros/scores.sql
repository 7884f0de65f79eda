{# RFM scores, 1 to 5, 5 best.
   quantile  the share of customers who are strictly worse, in fifths: equal values get equal scores. In whole
             numbers this is exactly "above the 20th, 40th, 60th, 80th percentile (discrete)".
   ntile     five groups of equal size, ties broken by customer id.
   threshold four limits from patron.yaml. #}
{% macro rfm_score(column, limits, lower_is_better=false) -%}
{%- set reaches = '<=' if lower_is_better else '>=' -%}
{%- if var('rfm_method') == 'ntile' -%}
ntile(5) over (order by {{ column }}{{ ' desc' if lower_is_better }}, customer_id)
{%- else -%}
{%- set named = ['cut_2', 'cut_3', 'cut_4', 'cut_5'] -%}
{%- if var('rfm_method') == 'threshold' -%}
{%- set named = (limits | reverse | list) if lower_is_better else limits -%}
{%- endif -%}
case {% for limit in named | reverse %}when {{ column }} {{ reaches }} {{ (column ~ '_cuts.' if var('rfm_method') == 'quantile') ~ limit }} then {{ 5 - loop.index0 }} {% endfor %}else 1 end
{%- endif -%}
{%- endmacro %}

{# The worst value of each quantile score: the first, from worst to best, for which k fifths of all buyers are strictly
   worse. One row: four numbers say as much as ranking every buyer. #}
{% macro score_cuts(column, lower_is_better=false) -%}
select
    {% for score in range(2, 6) -%}
    {{ 'max' if lower_is_better else 'min' }}(case when 5 * worse_count >= {{ score - 1 }} * buyer_count then {{ column }} end) as cut_{{ score }}{{ ',' if not loop.last }}
    {% endfor %}
from (
    select
        {{ column }},
        sum(same_count) over (order by {{ column }}{{ ' desc' if lower_is_better }} rows unbounded preceding) - same_count as worse_count,
        sum(same_count) over () as buyer_count
    from (select {{ column }}, count(*) as same_count from buyers group by {{ column }}) as distinct_values
) as ranked_values
{%- endmacro %}

{# The label of customer value. percentile: below percentile_cont(p), which in whole numbers is
   (customers at or below - 1) < p * (customers - 1); amount: below the amount. #}
{% macro clv_tier(value, at_or_below, customers) -%}
case
{%- for cut in var('clv_tier_cuts') %}
    {% if var('clv_tier_by') == 'percentile' -%}
    when 1000000 * ({{ at_or_below }} - 1) < {{ (cut * 1000000) | round | int }} * ({{ customers }} - 1)
    {%- else -%}
    when {{ value }} < {{ cut }}
    {%- endif %} then '{{ escape_text(var("clv_tier_labels")[loop.index0]) }}'
{%- endfor %}
    else '{{ escape_text(var("clv_tier_labels")[-1]) }}'
end
{%- endmacro %}

{# The smallest value of a column at or above a percentile of it: percentile_cont(rate) <= value, which in whole
   numbers is (rows at or below - 1) >= rate * (rows - 1). One row, null if there are none. rate: to six places. #}
{% macro least_at_percentile(column, relation, rate) -%}
select
    min(
        case
            when 1000000 * (at_or_below_count - 1) >= {{ (rate * 1000000) | round | int }} * (row_count - 1)
            then {{ column }}
        end
    ) as least_value
from (
    select
        {{ column }},
        sum(same_count) over (order by {{ column }} rows unbounded preceding) as at_or_below_count,
        sum(same_count) over () as row_count
    from (select {{ column }}, count(*) as same_count from {{ relation }} group by {{ column }}) as distinct_values
) as ranked_values
{%- endmacro %}

{% macro churn_group(days) -%}
case
    when {{ days }} <= {{ var('churn_low_days') }} then 'Low'
    when {{ days }} <= {{ var('churn_medium_days') }} then 'Medium'
    when {{ days }} <= {{ var('churn_window_days') }} then 'High'
    else 'Churned'
end
{%- endmacro %}
