{# Each pair once, the smaller number first. What keeps it small: no rare articles, no giant baskets, numbers for ids, and
   pairs below the minimum count are dropped as they are counted.

   Chance would explain n1 n2 / N baskets with both, if every basket were equally likely to hold an article. They are not:
   large baskets hold more of everything, so any two articles meet in them. Drawn into baskets with the actual sizes s,
   two articles meet n1 n2 sum s(s - 1) / (sum s)^2 times (Chung and Lu 2002, at most: a common article cannot be in a
   basket twice). The larger of the two is expected. #}
{% set rules = var('questions')['product_affinity'] %}

with
    paired as (select * from {{ ref('affinity_products') }} where is_paired),

    items as (

        select held.basket_number, paired.product_number
        from ({{ baskets_looked_at() }}) as held
        inner join paired on held.product_id = paired.product_id
        where held.basket_product_count between 2 and {{ rules['largest_basket'] }}

    ),

    baskets as ({{ basket_sizes() }}),

    {# of all pairs that these articles could form: selecting pairs by their result must not lower the bar #}
    bounds as (select {{ least_log_likelihood_ratio('count(*)') }} as least_ratio from paired having count(*) > 1),

    counted as (

        select firsts.product_number as first_number, seconds.product_number as second_number, count(*) as pair_count
        from items as firsts
        inner join
            items as seconds
            on firsts.basket_number = seconds.basket_number
            and firsts.product_number < seconds.product_number
        group by firsts.product_number, seconds.product_number
        having count(*) >= {{ rules['least_pair_baskets'] }}

    ),

    expected as (

        select
            firsts.product_id as first_product_id,
            seconds.product_id as second_product_id,
            counted.pair_count,
            firsts.basket_count as first_basket_count,
            seconds.basket_count as second_basket_count,
            baskets.basket_count,
            bounds.least_ratio,
            cast(firsts.basket_count as {{ type_double() }})
            * seconds.basket_count
            / baskets.basket_count
            * case when baskets.size_factor > 1 then baskets.size_factor else 1 end as expected_pair_count
        from counted
        inner join paired as firsts on counted.first_number = firsts.product_number
        inner join paired as seconds on counted.second_number = seconds.product_number
        cross join baskets
        cross join bounds

    ),

    weighed as (

        select
            expected.*,
            round({{ log_likelihood_ratio('pair_count', 'expected_pair_count') }}, 6) as log_likelihood_ratio
        from expected

    )

select
    first_product_id,
    second_product_id,
    pair_count,
    first_basket_count,
    second_basket_count,
    basket_count,
    expected_pair_count,
    log_likelihood_ratio,
    pair_count > expected_pair_count and log_likelihood_ratio >= least_ratio as is_significant
from weighed
