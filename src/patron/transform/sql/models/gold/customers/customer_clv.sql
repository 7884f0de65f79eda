{{ projection() }}

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
    {% for days in [30, 90, 365] -%}
        predicted.expected_purchases_{{ days }}d, chances.probability_of_purchase_{{ days }}d,
    {% endfor -%}
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
    {# shared out so that they add up to the one probability of a purchase, whichever model it is from -#}
    1 - chances.probability_of_purchase_90d as probability_of_no_purchase_90d,
    {% for count in ['1_purchase', '2_purchases', '3_or_more_purchases'] -%}
        predicted.probability_of_{{ count }}_90d
        / nullif(predicted.probability_of_purchase_90d, 0)
        * chances.probability_of_purchase_90d as probability_of_{{ count }}_90d,
    {% endfor -%}
    predicted.predicted_next_purchase_date,
    predicted.predicted_next_purchase_date_low_80,
    predicted.predicted_next_purchase_date_high_80
from {{ ref('customer_labels') }} as labels
left join {{ ref('customer_value') }} as predicted on labels.customer_id = predicted.customer_id
left join {{ ref('purchase_probabilities') }} as chances on labels.customer_id = chances.customer_id
