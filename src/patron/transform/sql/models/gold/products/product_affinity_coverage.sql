{% set rules = var('questions')['product_affinity'] %}
{% set is_kept = 'basket_product_count <= ' ~ rules['largest_basket'] %}

with
    {# one row per order: its articles, and how many of them take part in pairs #}
    baskets as (

        select
            held.basket_number,
            held.basket_product_count,
            {{ whole_sum('held.sale_line_count') }} as sale_line_count,
            count(case when articles.is_paired then 1 end) as paired_count
        from ({{ baskets_looked_at() }}) as held
        inner join {{ ref('affinity_products') }} as articles on held.product_id = articles.product_id
        group by held.basket_number, held.basket_product_count

    ),

    basket_counts as (

        select
            count(*) as seen_basket_count,
            coalesce({{ whole_sum('sale_line_count') }}, 0) as seen_line_count,
            count(case when {{ is_kept }} then 1 end) as basket_count,
            count(*) - count(case when {{ is_kept }} then 1 end) as too_big_basket_count,
            coalesce(
                {{ whole_sum('case when ' ~ is_kept ~ ' then 0 else sale_line_count end') }}, 0
            ) as too_big_line_count,
            coalesce(
                {{ whole_sum(
                    'case when ' ~ is_kept ~ ' then ' ~ whole_divide('paired_count * (paired_count - 1)', 2) ~ ' else 0 end'
                ) }},
                0
            ) as basket_pair_count
        from baskets

    ),

    article_counts as (

        select
            count(*) as seen_product_count,
            count(case when is_paired then 1 end) as product_count,
            count(case when not is_paired then 1 end) as too_rare_product_count,
            coalesce({{ whole_sum('case when is_paired then 0 else sale_line_count end') }}, 0) as too_rare_line_count
        from {{ ref('affinity_products') }}

    ),

    sizes as ({{ basket_sizes() }}),

    pair_counts as (

        select
            count(*) as frequent_pair_count,
            count(case when is_significant then 1 end) as significant_pair_count,
            count(case when is_frequent_in_baskets and not is_significant then 1 end) as habit_pair_count
        from {{ ref('product_pairs') }}

    )

select
    basket_counts.seen_basket_count,
    basket_counts.seen_line_count,
    basket_counts.too_big_basket_count,
    basket_counts.too_big_line_count,
    basket_counts.basket_count,
    article_counts.seen_product_count,
    article_counts.too_rare_product_count,
    article_counts.too_rare_line_count,
    article_counts.product_count,
    {{ whole_divide('article_counts.product_count * (article_counts.product_count - 1)', 2) }} as possible_pair_count,
    basket_counts.basket_pair_count,
    pair_counts.frequent_pair_count,
    pair_counts.significant_pair_count,
    pair_counts.habit_pair_count,
    sizes.customer_count,
    sizes.size_factor,
    case
        when article_counts.product_count > 1 then {{ least_log_likelihood_ratio('article_counts.product_count') }}
    end as least_log_likelihood_ratio,
    {{ rules['largest_basket'] }} as largest_basket,
    {{ rules['least_product_baskets'] }} as least_product_baskets,
    {{ rules['least_pair_baskets'] }} as least_pair_baskets,
    {{ rules['least_pair_customers'] }} as least_pair_customers
from basket_counts
cross join article_counts
cross join pair_counts
cross join sizes
where basket_counts.seen_basket_count > 0
