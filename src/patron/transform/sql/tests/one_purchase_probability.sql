{# Whether a customer buys within so many days is one number, wherever it is shown. One row per window that has two. #}
with
    compared as (

        {# both windows in one pass over the customers #}
        select
            {% for days in [30, 90] -%}
                count(
                    case
                        when
                            churn.churn_probability_{{ days }}d is not null
                            and (
                                clv.probability_of_purchase_{{ days }}d is null
                                or abs(
                                    churn.churn_probability_{{ days }}d + clv.probability_of_purchase_{{ days }}d - 1
                                )
                                > 0.000000001
                            )
                        then 1
                    end
                ) as different_{{ days }}d{{ ',' if not loop.last }}
            {% endfor %}
        from {{ ref('customer_churn') }} as churn
        inner join {{ ref('customer_clv') }} as clv on churn.customer_id = clv.customer_id

    ),

    differences as (

        {% for days in [30, 90] -%}
            select
                'churn_probability_{{ days }}d = 1 - probability_of_purchase_{{ days }}d' as broken_rule,
                different_{{ days }}d as row_count
            from compared {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select broken_rule, row_count
from differences
where row_count > 0
