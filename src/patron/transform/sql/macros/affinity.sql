{# What product_pairs and its coverage share. #}

{# Articles in baskets, over the days counted: all days, or the last ones before as_of. #}
{% macro baskets_looked_at() -%}
{%- set window_days = var('questions')['product_affinity']['window_days'] -%}
select held.*
from {{ ref('basket_products') }} as held
{%- if window_days %}
    inner join {{ ref('as_of') }} as bounds on held.basket_date > {{ plus_days('bounds.as_of_date', -window_days) }}
{%- endif %}
{%- endmacro %}

{# The orders in which pairs are counted, as one row. size_factor: how many times more often two articles meet because of
   basket sizes alone; sizes are whole numbers, so the order of addition makes no difference. Each guest's order is a
   customer of its own. One article of each basket stands for it. #}
{% macro basket_sizes() -%}
select
    count(*) as basket_count,
    cast(count(*) as {{ type_double() }})
    * sum(basket_product_count * (basket_product_count - 1))
    / (cast(sum(basket_product_count) as {{ type_double() }}) * sum(basket_product_count)) as size_factor,
    count(distinct customer_id) + count(case when customer_id is null then 1 end) as customer_count
from ({{ baskets_looked_at() }}) as held
where is_first_product and basket_product_count <= {{ var('questions')['product_affinity']['largest_basket'] }}
{%- endmacro %}

{# Bonferroni's correction over all pairs that so many articles could form: the chance is exp(-G2 / 2) times the pairs. #}
{% macro least_log_likelihood_ratio(products) -%}
2 * ln(
    cast({{ products }} as {{ type_double() }}) * ({{ products }} - 1) / 2
    / cast({{ var('questions')['product_affinity']['significance'] }} as {{ type_double() }})
)
{%- endmacro %}

{# One number for two articles, given their numbers, which no shop counts in billions. #}
{% macro pair_number(first, second) -%} cast({{ first }} as bigint) * 1000000000 + {{ second }} {%- endmacro %}
