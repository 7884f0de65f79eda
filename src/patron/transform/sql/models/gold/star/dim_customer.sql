{# Everyone the shop knew by as_of: customers with a line by then, those on file without lines only after it, and those known from
   loyalty, support, campaigns or visits. #}
{% set contacts = {
    'loyalty_accounts': 'customer_loyalty',
    'service_interactions': 'customer_support',
    'campaign_touches': 'customer_touches',
    'visits': 'customer_visits',
} %}
{% set known_by = [] %}
{%- for entity, measure in contacts.items() if var('mapped_columns').get(entity) -%}
    {% do known_by.append(ref(measure)) %}
{%- endfor %}

with
    {% if known_by -%}
        seen as (

            select customer_id, max(first_seen_date) as first_seen_date
            from
                (
                    select customer_id, first_seen_date
                    from {{ ref('customer_measures') }}
                    {% for measure in known_by -%}
                        union all
                        select customer_id, cast(null as date) as first_seen_date
                        from {{ measure }}
                    {% endfor %}
                ) as everybody
            group by customer_id

        ),
    {%- else -%} seen as (select customer_id, first_seen_date from {{ ref('customer_measures') }}),
    {%- endif %}

    seen_later as (

        select distinct lines.customer_id
        from {{ ref('order_lines') }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date > bounds.as_of_date
        left join seen on lines.customer_id = seen.customer_id
        where seen.customer_id is null

    ),

    on_file as (

        select customers.*
        from {{ ref('customers') }} as customers
        left join seen_later on customers.customer_id = seen_later.customer_id
        where seen_later.customer_id is null

    ),

    {# a stated age takes precedence over one computed from the date of birth #}
    aged as (

        select
            on_file.customer_id,
            coalesce(on_file.age_years, {{ whole_years('on_file.birth_date', 'bounds.as_of_date') }}) as age_years
        from on_file
        left join {{ ref('as_of') }} as bounds on on_file.birth_date <= bounds.as_of_date
        where on_file.age_years is not null or on_file.birth_date is not null

    )

select
    coalesce(on_file.customer_id, seen.customer_id) as customer_id,
    on_file.customer_name,
    on_file.email,
    on_file.phone,
    on_file.address,
    on_file.country,
    on_file.region,
    on_file.city,
    on_file.gender,
    on_file.birth_date,
    on_file.email_domain,
    on_file.is_email_valid,
    aged.age_years,
    {{ band('aged.age_years', 'age_years') }} as age_band,
    on_file.income_band,
    on_file.credit_band,
    on_file.signed_up_at,
    on_file.is_loyalty_member,
    on_file.home_store_id,
    on_file.stated_order_count,
    on_file.stated_order_gap_days,
    on_file.stated_order_amount,
    on_file.assumed,
    seen.first_seen_date
from on_file
full outer join seen on on_file.customer_id = seen.customer_id
left join aged on on_file.customer_id = aged.customer_id
