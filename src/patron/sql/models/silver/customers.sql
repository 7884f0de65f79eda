{% set attributes = [
    'customer_id', 'customer_name', 'email', 'phone', 'address', 'country', 'region', 'city', 'gender', 'birth_date',
    'age_years', 'income_amount', 'credit_score', 'signed_up_at', 'is_loyalty_member', 'updated_at'
] %}

{{ silver('customers') }}

with
    one_each as ({{ thing_rows('customers', attributes) }}),

    countries as (select lower(raw_country) as country_key, raw_country, country from {{ ref('countries') }})

select
    {% for column in attributes if column != 'country' -%} one_each.{{ column }}, {% endfor -%}
    {{ mapped_country('one_each.country', 'countries') }} as country,
    one_each.source_name,
    one_each._row_key,
    one_each._batch_id,
    one_each._entity_key
from one_each
left join countries on lower(one_each.country) = countries.country_key
