{# Each pair once, the smaller number first. What keeps it small: no rare articles, no giant baskets, numbers for ids, pairs
   below the minimum count are dropped as they are counted, and customers are counted only for pairs that could pass.

   Chance would explain n1 n2 / N baskets with both, if every basket were equally likely to hold an article. They are not:
   large baskets hold more of everything, so any two articles meet in them. Drawn into baskets with the actual sizes s,
   two articles meet n1 n2 sum s(s - 1) / (sum s)^2 times (Chung and Lu 2002, at most: a common article cannot be in a
   basket twice). The larger of the two is expected.

   Baskets of one customer are no independent evidence: who likes two articles buys them together every week. So the
   evidence of O baskets is divided by their design effect, sum O_c^2 / O over customers c (Kish 1965): as many customers
   with equally many baskets each would have had the same. Each guest's basket is a customer of its own. #}
{% set rules = var('questions')['product_affinity'] %}

with
    paired as (select * from {{ ref('affinity_products') }} where is_paired),

    items as (

        select held.basket_number, held.customer_id, paired.product_number
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
            counted.first_number,
            counted.second_number,
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
            round({{ log_likelihood_ratio('pair_count', 'expected_pair_count') }}, 6) as basket_log_likelihood_ratio
        from expected

    ),

    {# customers can only take evidence away, so only these need them #}
    candidates as (

        select weighed.*, {{ pair_number('first_number', 'second_number') }} as pair_number
        from weighed
        where basket_log_likelihood_ratio >= least_ratio

    ),

    candidate_items as (

        select *
        from items
        where
            product_number in (select first_number from candidates)
            or product_number in (select second_number from candidates)

    ),

    {# One number for a pair: joined by two, articles would meet all of their candidates before they meet in a basket. #}
    habits as (

        select candidates.first_number, candidates.second_number, firsts.customer_id, count(*) as basket_count
        from candidate_items as firsts
        inner join
            candidate_items as seconds
            on firsts.basket_number = seconds.basket_number
            and firsts.product_number < seconds.product_number
        inner join
            candidates on {{ pair_number('firsts.product_number', 'seconds.product_number') }} = candidates.pair_number
        group by candidates.first_number, candidates.second_number, firsts.customer_id

    ),

    buyers as (

        select
            first_number,
            second_number,
            {{ whole_sum('case when customer_id is null then basket_count else 1 end') }} as customer_count,
            {{ whole_sum('case when customer_id is null then 1 else basket_count end * basket_count') }}
            as squared_basket_count
        from habits
        group by first_number, second_number

    ),

    shared as (

        select
            weighed.*,
            buyers.customer_count,
            cast(weighed.pair_count as {{ type_double() }})
            * weighed.pair_count
            / buyers.squared_basket_count as effective_customer_count
        from weighed
        left join buyers on weighed.first_number = buyers.first_number and weighed.second_number = buyers.second_number

    ),

    judged as (

        select
            shared.*,
            round(basket_log_likelihood_ratio * effective_customer_count / pair_count, 6) as log_likelihood_ratio
        from shared

    )

select
    first_product_id,
    second_product_id,
    pair_count,
    first_basket_count,
    second_basket_count,
    basket_count,
    expected_pair_count,
    basket_log_likelihood_ratio,
    basket_log_likelihood_ratio >= least_ratio as is_frequent_in_baskets,
    customer_count,
    effective_customer_count,
    log_likelihood_ratio,
    coalesce(
        customer_count >= {{ rules['least_pair_customers'] }} and log_likelihood_ratio >= least_ratio, false
    ) as is_significant
from judged
