{# Each pair once, the smaller number first. What keeps it small: no rare article, no giant basket, numbers for ids, and
   pairs below the least count fall away as they are counted. #}
{% set rules = var('product_affinity') %}

with
    paired as (select * from {{ ref('affinity_products') }} where is_paired),

    items as (

        select held.basket_number, held.product_number
        from {{ ref('basket_products') }} as held
        inner join paired on held.product_number = paired.product_number
        where held.basket_product_count between 2 and {{ rules['largest_basket'] }}

    ),

    baskets as (

        select count(distinct basket_number) as basket_count
        from {{ ref('basket_products') }}
        where basket_product_count <= {{ rules['largest_basket'] }}

    ),

    {# of all pairs that these articles could make: choosing among pairs by how they came out is no excuse #}
    bounds as (

        select
            2 * ln(
                cast(count(*) as {{ type_double() }})
                * (count(*) - 1)
                / 2
                / cast({{ rules['significance'] }} as {{ type_double() }})
            ) as least_ratio
        from paired
        having count(*) > 1

    ),

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

    weighed as (

        select
            firsts.product_id as first_product_id,
            seconds.product_id as second_product_id,
            counted.pair_count,
            firsts.basket_count as first_basket_count,
            seconds.basket_count as second_basket_count,
            baskets.basket_count,
            bounds.least_ratio,
            round(
                {{ log_likelihood_ratio(
                    'counted.pair_count', 'firsts.basket_count', 'seconds.basket_count', 'baskets.basket_count'
                ) }},
                6
            ) as log_likelihood_ratio
        from counted
        inner join paired as firsts on counted.first_number = firsts.product_number
        inner join paired as seconds on counted.second_number = seconds.product_number
        cross join baskets
        cross join bounds

    )

select
    first_product_id,
    second_product_id,
    pair_count,
    first_basket_count,
    second_basket_count,
    basket_count,
    log_likelihood_ratio,
    log_likelihood_ratio >= least_ratio
    and cast(pair_count as {{ type_double() }}) * basket_count
    > cast(first_basket_count as {{ type_double() }}) * second_basket_count as is_significant
from weighed
