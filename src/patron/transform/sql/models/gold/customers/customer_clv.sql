{# Whether they buy at all is one probability, whichever model it is from; how often, if they do, is the purchase model's. Where a
   regression forecast better, it adjusts what the model expects of 30 and 90 days, at least to that probability; what the model
   expects of the days after them stays. #}
with
    shared_out as (

        select
            predicted.*,
            chances.probability_of_purchase_30d as chance_30d,
            chances.probability_of_purchase_90d as chance_90d,
            coalesce(
                chances.probability_of_purchase_30d / nullif(predicted.probability_of_purchase_30d, 0), 1
            ) as share_30d,
            coalesce(
                chances.probability_of_purchase_90d / nullif(predicted.probability_of_purchase_90d, 0), 1
            ) as share_90d
        from {{ ref('customer_value') }} as predicted
        inner join {{ ref('purchase_probabilities') }} as chances on predicted.customer_id = chances.customer_id

    ),

    expected as (

        select
            shared_out.*,
            {% for days in [30, 90] -%}
                case
                    when purchase_factor is null
                    then expected_purchases_{{ days }}d * share_{{ days }}d
                    else {{ larger('expected_purchases_%sd * purchase_factor' % days, 'chance_%sd' % days) }}
                end as own_purchases_{{ days }}d{{ ',' if not loop.last }}
            {% endfor %}
        from shared_out

    ),

    rising as (

        select
            expected.*,
            {{ larger('own_purchases_90d', 'own_purchases_30d') }} as purchases_90d,
            expected_purchases_365d - expected_purchases_90d as later_purchases
        from expected

    )

select
    labels.customer_id,
    labels.order_count,
    labels.tenure_days,
    labels.average_order_value,
    labels.historical_clv,
    labels.formula_clv_revenue,
    labels.formula_clv_profit,
    labels.run_rate_clv_1y,
    labels.run_rate_clv_3y,
    labels.run_rate_clv_5y,
    labels.clv_tier,
    labels.clv_percentile_rate,
    predicted.prediction_basis,
    predicted.probability_alive,
    predicted.own_purchases_30d as expected_purchases_30d,
    chances.probability_of_purchase_30d,
    predicted.purchases_90d as expected_purchases_90d,
    chances.probability_of_purchase_90d,
    case
        when predicted.purchase_factor is null
        then {{ larger('predicted.expected_purchases_365d', 'predicted.purchases_90d') }}
        else {{ larger('predicted.purchases_90d + predicted.later_purchases', 'chances.probability_of_purchase_365d') }}
    end as expected_purchases_365d,
    chances.probability_of_purchase_365d,
    predicted.expected_purchases_horizon,
    predicted.expected_spend,
    {% for years in [1, 3, 5] -%}
        predicted.predicted_clv_{{ years }}y,
        {% for bound in ['low_95', 'low_80', 'high_80', 'high_95'] -%}
            predicted.predicted_clv_{{ years }}y_{{ bound }},
        {% endfor -%}
    {% endfor -%}
    predicted.residual_clv,
    predicted.total_clv,
    1 - chances.probability_of_purchase_90d as probability_of_no_purchase_90d,
    {% for count in ['1_purchase', '2_purchases', '3_or_more_purchases'] -%}
        predicted.probability_of_{{ count }}_90d * predicted.share_90d as probability_of_{{ count }}_90d,
    {% endfor -%}
    {% for bound, chance in [['', 0.5], ['_low_80', 0.1], ['_high_80', 0.9]] -%}
        {{ agree_with_chances('predicted.predicted_next_purchase_date' ~ bound, chance, 'bounds.as_of_date') }}
        as predicted_next_purchase_date{{ bound }},
    {% endfor -%}
    coalesce(learned.expected_amount_90d, predicted.purchases_90d * predicted.expected_spend) as expected_amount_90d
from {{ ref('customer_labels') }} as labels
cross join {{ ref('as_of') }} as bounds
left join rising as predicted on labels.customer_id = predicted.customer_id
left join {{ ref('purchase_probabilities') }} as chances on labels.customer_id = chances.customer_id
left join {{ source('predictions', 'expected_amounts') }} as learned on labels.customer_id = learned.customer_id
