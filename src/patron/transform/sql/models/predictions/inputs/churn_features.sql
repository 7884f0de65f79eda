{# A view: it is computed when scores are made, and only then. #}
{{ config(materialized='view') }} {{ churn_features(ref('as_of')) }}
