{% set last_month = var('questions')['cohort_retention']['pivoted_months'] %}
{% set rates = {'customers': 'retention_rate', 'revenue': 'revenue_retention_rate'} %}

{% for measure, rate in rates.items() -%}
    select
        cohort_month_date,
        is_new,
        '{{ measure }}' as measure,
        max(customer_count) as customer_count,
        max(first_month_net_amount) as first_month_net_amount
        {%- for month in range(last_month + 1) %}
            , max(case when months_since = {{ month }} then {{ rate }} end) as month_{{ '%02d' % month }}
        {%- endfor %}
    from {{ ref('cohort_retention') }}
    group by cohort_month_date, is_new {{ 'union all' if not loop.last }}
{% endfor %}
