{{ projection() }}

select
    labels.customer_id,
    labels.last_order_date,
    labels.days_since_last_order,
    labels.is_churned,
    labels.churn_group,
    scores.churn_probability_30d,
    scores.churn_probability_60d,
    scores.churn_probability_90d,
    scores.driver_1,
    scores.driver_2,
    scores.driver_3,
    case when scores.customer_id is null then status.not_scored else status.scored end as churn_model
from {{ ref('customer_labels') }} as labels
left join {{ source('predictions', 'churn_scores') }} as scores on labels.customer_id = scores.customer_id
left join {{ source('predictions', 'churn_status') }} as status on 1 = 1
