select
    'purchases' as prediction,
    model,
    concat('purchases in ', cast(horizon_days as {{ type_text() }}), ' days') as target,
    origin_date,
    measure,
    value
from {{ source('predictions', 'purchase_model_scores') }}
union all
select 'churn' as prediction, model, target, cast(origin_date as date) as origin_date, measure, value
from {{ source('predictions', 'churn_model_scores') }}
