{# The probability that each buyer buys again in the coming days: one number for each window, from the model with the better
   record. A longer window includes a shorter one, so its probability is not lower: where two models disagree, the mean of
   raising the later and of lowering the earlier ones is used. #}
with
    chances as (

        select
            buyers.customer_id,
            learned.customer_id is not null as is_scored_by_churn,
            {% for days in [30, 60, 90] -%}
                case
                    when source.is_by_churn_{{ days }}d and learned.customer_id is not null
                    then 1 - learned.churn_probability_{{ days }}d
                    else expected.probability_of_purchase_{{ days }}d
                end as chance_{{ days }}d,
            {% endfor -%}
            expected.probability_of_purchase_365d as chance_365d
        from {{ ref('customer_measures') }} as buyers
        left join {{ ref('customer_value') }} as expected on buyers.customer_id = expected.customer_id
        left join {{ source('predictions', 'churn_scores') }} as learned on buyers.customer_id = learned.customer_id
        left join {{ source('predictions', 'purchase_probability_source') }} as source on 1 = 1
        where buyers.kept_day_count > 0

    ),

    nearest as (

        select
            chances.*,
            {{ larger('chance_30d', 'chance_60d') }} as raised_60d,
            {{ smaller('chance_60d', 'chance_90d') }} as lowered_60d
        from chances

    ),

    bounded as (

        select
            nearest.*,
            {{ smaller('chance_30d', 'lowered_60d') }} as lowered_30d,
            {{ larger('raised_60d', 'chance_90d') }} as raised_90d
        from nearest

    ),

    ordered as (

        select
            customer_id,
            is_scored_by_churn,
            (chance_30d + lowered_30d) / 2 as probability_of_purchase_30d,
            case when chance_60d is not null then (raised_60d + lowered_60d) / 2 end as probability_of_purchase_60d,
            case when chance_90d is not null then (raised_90d + chance_90d) / 2 end as probability_of_purchase_90d,
            chance_365d
        from bounded

    )

select
    customer_id,
    is_scored_by_churn,
    probability_of_purchase_30d,
    probability_of_purchase_60d,
    probability_of_purchase_90d,
    case
        when chance_365d is not null then {{ larger('chance_365d', 'probability_of_purchase_90d') }}
    end as probability_of_purchase_365d
from ordered
