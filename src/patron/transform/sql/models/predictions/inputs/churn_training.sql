{# A view: it is computed when a model learns, and only then. #}
{{ config(materialized='view') }} {{ churn_features(ref('churn_cutoffs'), windows=[30, 60, 90], is_sampled=true) }}
