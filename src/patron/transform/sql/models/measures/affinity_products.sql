{# How many baskets contain each article, among those that are not too big. #}
{% set rules = var('questions')['product_affinity'] %}

select
    row_number() over (order by product_id) as product_number,
    product_id,
    count(case when basket_product_count <= {{ rules['largest_basket'] }} then 1 end) as basket_count,
    {{ whole_sum(
        'case when basket_product_count <= ' ~ rules['largest_basket'] ~ ' then sale_line_count else 0 end'
    ) }} as sale_line_count,
    count(case when basket_product_count <= {{ rules['largest_basket'] }} then 1 end)
    >= {{ rules['least_product_baskets'] }} as is_paired
from ({{ baskets_looked_at() }}) as held
group by product_id
