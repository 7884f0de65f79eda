{% set axes = {'days_since_last_order': true, 'order_count': false, 'net_amount': false} %}
{% set by_quantile = var('rfm_method') == 'quantile' %}

with
    buyers as (select * from {{ ref('customer_measures') }} where order_count > 0)

    {%- for column, lower_is_better in axes.items() if by_quantile %}
        , {{ column }}_cuts as ({{ score_cuts(column, lower_is_better) }})
    {%- endfor %}

select
    customer_id,
    {{ rfm_score('days_since_last_order', var('rfm_recency_days'), lower_is_better=true) }} as recency_score,
    {{ rfm_score('order_count', var('rfm_frequency_orders')) }} as frequency_score,
    {{ rfm_score('net_amount', var('rfm_monetary_amounts')) }} as monetary_score,
    count(*) over (order by {{ var('clv_tier_measure') }}) as clv_at_or_below_count,
    count(*) over () as buyer_count
from buyers
{% for column in axes if by_quantile -%} cross join {{ column }}_cuts {% endfor %}
