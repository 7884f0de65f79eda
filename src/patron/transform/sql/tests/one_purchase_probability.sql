{# Whether a customer buys within so many days is one number, wherever it is shown. One row per window that has two. #}
with
    compared as (

        {% for days in [30, 90] -%}
            select
                'churn_probability_{{ days }}d = 1 - probability_of_purchase_{{ days }}d' as broken_rule,
                churn.churn_probability_{{ days }}d as churn_probability,
                clv.probability_of_purchase_{{ days }}d as purchase_probability
            from {{ ref('customer_churn') }} as churn
            inner join
                {{ ref('customer_clv') }} as clv on churn.customer_id = clv.customer_id
                {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select broken_rule, count(*) as row_count
from compared
where
    churn_probability is not null
    and (purchase_probability is null or abs(churn_probability + purchase_probability - 1) > 0.000000001)
group by broken_rule
