{# RFM scores, 1 to 5, 5 best. `worst_first` orders customers from worst to best: "order_count", or
   "days_since_last_order desc".
   quantile  the share of customers that are strictly worse, in fifths: equal values, equal scores. In whole
             numbers this is exactly "above the 20th, 40th, 60th, 80th percentile (discrete)".
   ntile     five groups of equal size, ties broken by customer id.
   threshold four limits from patron.yaml. #}
{% macro rfm_score(column, limits, lower_is_better=false) -%}
{%- set worst_first = column ~ (' desc' if lower_is_better else '') -%}
{%- if var('rfm_method') == 'ntile' -%}
ntile(5) over (order by {{ worst_first }}, customer_id)
{%- elif var('rfm_method') == 'threshold' and lower_is_better -%}
case {% for limit in limits %}when {{ column }} <= {{ limit }} then {{ 5 - loop.index0 }} {% endfor %}else 1 end
{%- elif var('rfm_method') == 'threshold' -%}
case {% for limit in limits | reverse %}when {{ column }} >= {{ limit }} then {{ 5 - loop.index0 }} {% endfor %}else 1 end
{%- else -%}
cast({{ whole_divide("5 * (rank() over (order by " ~ worst_first ~ ") - 1)", "count(*) over ()") }} + 1 as int)
{%- endif -%}
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
    {%- endif %} then '{{ dbt.escape_single_quotes(var("clv_tier_labels")[loop.index0]) }}'
{%- endfor %}
    else '{{ dbt.escape_single_quotes(var("clv_tier_labels")[-1]) }}'
end
{%- endmacro %}

{% macro churn_group(days) -%}
case
    when {{ days }} <= {{ var('churn_low_days') }} then 'Low'
    when {{ days }} <= {{ var('churn_medium_days') }} then 'Medium'
    when {{ days }} <= {{ var('churn_window_days') }} then 'High'
    else 'Churned'
end
{%- endmacro %}
