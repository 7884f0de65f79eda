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
    predicted.total_clv
from {{ ref('customer_labels') }} as labels
left join {{ ref('customer_value') }} as predicted on labels.customer_id = predicted.customer_id
left join {{ ref('purchase_probabilities') }} as chances on labels.customer_id = chances.customer_id
