{# What is expected of each buyer. How often they buy comes from the cell that they share with others who bought equally often and
   equally recently; what they spend comes from their own mean after refunds, shrunk towards that of all buyers the less they
   have bought (Fader and Hardie 2013, Gamma-Gamma; p, q and gamma are fitted). Who bought nothing that was not refunded in full has
   no row: nothing is known of what they will keep. #}
{% set kept_amount = 'cast(case when buyers.net_amount > 0 then buyers.net_amount else 0 end as ' ~ type_double() ~ ')' %}

with
    buyers as (

        select
            customer_id,
            kept_day_count,
            repeat_count,
            {{ days_between('first_kept_date', 'last_kept_date') }} as recency_days,
            {{ days_between('first_kept_date', 'as_of_date') }} as age_days,
            net_amount,
            as_of_date
        from {{ ref('customer_measures') }}
        where kept_day_count > 0

    ),

    valued as (

        select
            buyers.*,
            spend.p
            * (spend.gamma + {{ kept_amount }})
            / (spend.p * buyers.kept_day_count + spend.q - 1) as expected_spend,
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
    factors.purchase_factor,
    valued.expected_spend,
    {% for years in [1, 3, 5] -%}
        valued.expected_spend
        * valued.gross_margin
        * cells.discounted_purchases_{{ years }}y as predicted_clv_{{ years }}y,
        {% for bound in ['low_95', 'low_80', 'high_80', 'high_95'] -%}
            valued.expected_spend
            * valued.gross_margin
            * cells.discounted_spends_{{ years }}y_{{ bound }} as predicted_clv_{{ years }}y_{{ bound }},
        {% endfor -%}
    {% endfor -%}
    valued.expected_spend * valued.gross_margin * cells.discounted_purchases_residual as residual_clv,
    cast(valued.net_amount as {{ type_double() }}) * valued.gross_margin
    + valued.expected_spend * valued.gross_margin * cells.discounted_purchases_residual as total_clv,
    {% for count in ['no_purchase', '1_purchase', '2_purchases', '3_or_more_purchases'] -%}
        cells.probability_of_{{ count }}_90d,
    {% endfor -%}
    {{ plus_days('valued.as_of_date', 'cells.next_purchase_days') }} as predicted_next_purchase_date,
    {{ plus_days('valued.as_of_date', 'cells.next_purchase_days_low_80') }} as predicted_next_purchase_date_low_80,
    {{ plus_days('valued.as_of_date', 'cells.next_purchase_days_high_80') }} as predicted_next_purchase_date_high_80
from valued
inner join
    {{ source('predictions', 'purchase_scores') }} as cells
    on valued.repeat_count = cells.repeat_count
    and valued.recency_days = cells.recency_days
    and valued.age_days = cells.age_days
left join {{ source('predictions', 'purchase_factors') }} as factors on valued.customer_id = factors.customer_id
