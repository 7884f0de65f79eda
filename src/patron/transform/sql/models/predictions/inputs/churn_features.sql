{# A view: what is here is worked out when scores are made, and only then. #}
{{ config(materialized='view') }} {{ churn_features(ref('as_of')) }}
