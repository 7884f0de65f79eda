-- Which categories earn the most, by margin and margin rate, and how much of their sales is returned?
select
    level,
    margin_amount_rank,
    margin_rate_rank,
    department,
    name,
    net_amount,
    margin_amount,
    round(margin_rate, 4) as margin_rate,
    round(cost_known_rate, 4) as cost_known_rate,
    round(return_rate, 4) as return_rate,
    return_rate_source
from category_ranking
order by level desc, margin_amount_rank nulls last, net_amount desc, name, department
limit 200
