select
    labels.customer_id,
    labels.last_order_date,
    labels.days_since_last_order,
    labels.is_churned,
    case when labels.is_churned is null then 'history not longer than the churn window' end as is_churned_reason,
    labels.churn_group,
    {% for days in [30, 60, 90] -%}
        case
            when source.is_churn_shown then 1 - chances.probability_of_purchase_{{ days }}d
        end as churn_probability_{{ days }}d,
    {% endfor -%}
    case
        when scores.customer_id is not null
        then scores.driver_1
        when
            source.is_churn_shown
            and chances.probability_of_purchase_90d is not null
            and labels.days_since_last_order > {{ var('churn_active_days') }}
        then concat('no order for ', cast(labels.days_since_last_order as {{ type_text() }}), ' days')
    end as driver_1,
    scores.driver_2,
    scores.driver_3,
    case when scores.customer_id is null then source.not_scored else source.scored end as churn_model
from {{ ref('customer_labels') }} as labels
left join {{ ref('purchase_probabilities') }} as chances on labels.customer_id = chances.customer_id
left join {{ source('predictions', 'churn_scores') }} as scores on labels.customer_id = scores.customer_id
left join {{ source('predictions', 'purchase_probability_source') }} as source on 1 = 1
