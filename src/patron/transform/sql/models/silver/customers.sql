{% set attributes = [
    'customer_id', 'customer_name', 'email', 'phone', 'address', 'country', 'region', 'city', 'gender', 'birth_date',
    'age_years', 'income_amount', 'credit_score', 'signed_up_at', 'is_loyalty_member', 'home_store_id',
    'stated_order_count', 'stated_order_gap_days', 'stated_order_amount', 'attributes', 'assumed', 'updated_at'
] %}

{{ silver('customers') }}

with
    one_each as ({{ thing_rows('customers', attributes) }}),

    countries as (select lower(raw_country) as country_key, raw_country, country from {{ ref('countries') }})

select
    {% for column in attributes if column != 'country' -%} one_each.{{ column }}, {% endfor -%}
    {{ mapped_country('one_each.country', 'countries') }} as country,
    {{ is_valid_email('one_each.email') }} as is_email_valid,
    {{ email_domain('one_each.email') }} as email_domain,
    {{ band('one_each.income_amount', 'income_amount') }} as income_band,
    {{ band('one_each.credit_score', 'credit_score') }} as credit_band,
    one_each.source_name,
    one_each._row_key,
    one_each._batch_id,
    one_each._entity_key
from one_each
left join countries on lower(one_each.country) = countries.country_key
