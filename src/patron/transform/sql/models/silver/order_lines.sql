{{ silver('order_lines') }}

with
    lines as ({{ event_rows('order_lines') }}),

    countries as (select lower(raw_country) as country_key, raw_country, country from {{ ref('countries') }}),

    valued as (

        select
            lines.source_name,
            lines.id_namespace,
            lines.order_id,
            lines.line_number,
            lines.ordered_at,
            cast(lines.ordered_at as date) as order_date,
            lines.customer_id,
            lines.product_id,
            lines.product_name,
            lower(lines.product_name) as product_name_lower,
            lines.quantity,
            {% if is_mapped('order_lines', 'line_amount') -%}
                {# a total counts as it is given; the price of a piece is what it comes to #}
                coalesce(
                    lines.unit_price,
                    {{ unit_price_of('lines.line_amount + lines.line_discount_amount', 'lines.quantity') }}
                ) as unit_price,
                coalesce(
                    lines.line_amount + lines.line_discount_amount,
                    {{ money_product('lines.quantity', 'lines.unit_price') }}
                ) as line_gross_amount,
            {%- else -%}
                lines.unit_price, {{ money_product('lines.quantity', 'lines.unit_price') }} as line_gross_amount,
            {%- endif %}
            lines.line_discount_amount,
            lines.stated_amount,
            coalesce(lines.currency, '{{ var("currency") }}') as currency,
            lines.channel,
            lines.store_id,
            lines.staff_id,
            lines.promotion_id,
            {{ mapped_country('lines.country', 'countries') }} as country,
            lines.region,
            lines.status,
            lines.assumed,
            lines._row_key,
            lines._batch_id,
            lines._entity_key
        from lines
        left join countries on lower(lines.country) = countries.country_key

    )

select
    source_name,
    id_namespace,
    order_id,
    line_number,
    ordered_at,
    order_date,
    customer_id,
    product_id,
    product_name,
    quantity,
    unit_price,
    line_gross_amount,
    line_discount_amount,
    line_gross_amount - line_discount_amount as line_amount,
    stated_amount,
    stated_amount <> line_gross_amount - line_discount_amount as is_amount_mismatch,
    {% if is_mapped('order_lines', 'status') -%}
        case
            when status is null or {{ is_one_of('status', var('spend_statuses')) }}
            then {{ line_kind() }}
            else 'not_completed'
        end as line_kind,
    {%- else -%} {{ line_kind() }} as line_kind,
    {%- endif %}
    {{ unit_price_flag() }} as unit_price_flag,
    {{ quantity_flag() }} as quantity_flag,
    currency,
    channel,
    store_id,
    staff_id,
    promotion_id,
    country,
    region,
    status,
    assumed,
    _row_key,
    _batch_id,
    _entity_key
from valued
