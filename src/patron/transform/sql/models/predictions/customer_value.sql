{# What is expected of each buyer. How often they buy comes from the cell that they share with others who bought equally often and
   equally recently; what they spend comes from their own mean, shrunk towards that of all buyers the less they have bought
   (Fader and Hardie 2013, Gamma-Gamma; p, q and gamma are fitted). #}
{% set mean_spend = 'cast(buyers.spend_amount as ' ~ type_double() ~ ')' %}

with
    buyers as (

        select
            customer_id,
            purchase_day_count,
            purchase_day_count - 1 as repeat_count,
            {{ days_between('first_order_date', 'last_order_date') }} as recency_days,
            tenure_days as age_days,
            gross_amount + discount_amount as spend_amount,
            net_amount
        from {{ ref('customer_measures') }}
        where purchase_day_count > 0

    ),

    valued as (

        select
            buyers.*,
            case
                when buyers.spend_amount > 0
                then spend.p * (spend.gamma + {{ mean_spend }}) / (spend.p * buyers.purchase_day_count + spend.q - 1)
                else spend.population_spend
            end
            * spend.kept_share as expected_spend,
            cast({{ var('gross_margin_numerator') }} as {{ type_double() }})
            / {{ var('gross_margin_denominator') }} as gross_margin
        from buyers
        cross join {{ source('predictions', 'spend_model') }} as spend

    )

select
    valued.customer_id,
    case when valued.repeat_count > 0 then 'own purchases' else 'similar customers' end as prediction_basis,
    cells.probability_alive,
    {% for days in [30, 90, 365] -%}
        cells.expected_purchases_{{ days }}d, cells.probability_of_purchase_{{ days }}d,
    {% endfor -%}
    cells.probability_of_purchase_60d,
    cells.expected_purchases_horizon,
    valued.expected_spend,
    {% for years in [1, 3, 5] -%}
        valued.expected_spend
        * valued.gross_margin
        * cells.discounted_purchases_{{ years }}y as predicted_clv_{{ years }}y,
        {% for bound in ['low_95', 'low_80', 'high_80', 'high_95'] -%}
            valued.expected_spend
            * valued.gross_margin
            * cells.discounted_purchases_{{ years }}y_{{ bound }} as predicted_clv_{{ years }}y_{{ bound }},
        {% endfor -%}
    {% endfor -%}
    valued.expected_spend * valued.gross_margin * cells.discounted_purchases_residual as residual_clv,
    cast(valued.net_amount as {{ type_double() }}) * valued.gross_margin
    + valued.expected_spend * valued.gross_margin * cells.discounted_purchases_residual as total_clv
from valued
inner join
    {{ source('predictions', 'purchase_scores') }} as cells
    on valued.repeat_count = cells.repeat_count
    and valued.recency_days = cells.recency_days
    and valued.age_days = cells.age_days
