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
        predicted.expected_purchases_{{ days }}d, predicted.probability_of_purchase_{{ days }}d,
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
    {% for count in ['no_purchase', '1_purchase', '2_purchases', '3_or_more_purchases'] -%}
        predicted.probability_of_{{ count }}_90d,
    {% endfor -%}
    predicted.predicted_next_purchase_date,
    predicted.predicted_next_purchase_date_low_80,
    predicted.predicted_next_purchase_date_high_80
from {{ ref('customer_labels') }} as labels
left join {{ ref('customer_value') }} as predicted on labels.customer_id = predicted.customer_id
