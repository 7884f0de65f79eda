-- Which products are bought together: what are the strongest partners of each product?
select
    product_id,
    product_name,
    partner_rank,
    partner_product_id,
    partner_product_name,
    customer_count,
    pair_count,
    round(support_rate, 4) as support_rate,
    round(confidence_rate, 3) as confidence_rate,
    round(lift, 2) as lift,
    round(log_likelihood_ratio, 1) as log_likelihood_ratio
from product_affinity
where product_id in (
    select product_id
    from product_affinity
    where partner_rank = 1
    order by log_likelihood_ratio desc, product_id
    limit 20
)
order by max(log_likelihood_ratio) over (partition by product_id) desc, product_id, partner_rank
