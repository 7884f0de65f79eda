select 'purchases' as prediction, model, 'purchases' as target, origin_date, bin, customer_count, predicted, actual
from {{ source('predictions', 'purchase_model_calibration') }}
union all
select
    'churn' as prediction,
    model,
    target,
    cast(origin_date as date) as origin_date,
    bin,
    customer_count,
    predicted,
    observed as actual
from {{ source('predictions', 'churn_model_calibration') }}
