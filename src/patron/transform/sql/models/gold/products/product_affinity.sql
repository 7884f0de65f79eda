with
    {% set facts = 'pair_count, basket_count, expected_pair_count, customer_count, effective_customer_count' %}
    directed as (

        {% for own, other in [('first', 'second'), ('second', 'first')] -%}
            select
                {{ own }}_product_id as product_id,
                {{ other }}_product_id as partner_product_id,
                {{ own }}_basket_count as product_basket_count,
                {{ other }}_basket_count as partner_basket_count,
                {{ facts }},
                log_likelihood_ratio
            from {{ ref('product_pairs') }}
            where is_significant {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    ranked as (

        select
            directed.*,
            row_number() over (
                partition by product_id
                order by log_likelihood_ratio desc, customer_count desc, pair_count desc, partner_product_id
            ) as partner_rank
        from directed

    )

select
    ranked.product_id,
    ranked.partner_rank,
    ranked.partner_product_id,
    articles.product_name,
    partners.product_name as partner_product_name,
    ranked.customer_count,
    ranked.effective_customer_count,
    ranked.pair_count,
    ranked.product_basket_count,
    ranked.partner_basket_count,
    ranked.basket_count,
    cast(ranked.pair_count as {{ type_double() }}) / ranked.basket_count as support_rate,
    cast(ranked.pair_count as {{ type_double() }}) / ranked.product_basket_count as confidence_rate,
    cast(ranked.partner_basket_count as {{ type_double() }}) / ranked.basket_count as expected_confidence_rate,
    cast(ranked.pair_count as {{ type_double() }})
    * ranked.basket_count
    / (cast(ranked.product_basket_count as {{ type_double() }}) * ranked.partner_basket_count) as lift,
    ranked.expected_pair_count,
    ranked.log_likelihood_ratio
from ranked
left join {{ ref('products') }} as articles on ranked.product_id = articles.product_id
left join {{ ref('products') }} as partners on ranked.partner_product_id = partners.product_id
where ranked.partner_rank <= {{ var('questions')['product_affinity']['partners'] }}
