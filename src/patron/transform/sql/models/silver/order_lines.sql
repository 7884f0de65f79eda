{% set by_order = is_built_by_order() %}
{% set inherited = var('order_values').get('inherited', []) %}
{% set amounts = ['tax_amount', 'shipping_amount', 'tip_amount', 'gift_card_amount'] %}
{% set line_columns = [
    'source_name', 'id_namespace', 'order_id', 'line_number', 'ordered_at', 'order_date', 'customer_id', 'product_id',
    'product_name', 'quantity', 'unit_price', 'line_gross_amount', 'line_discount_amount', 'line_amount',
    'stated_amount', 'is_amount_mismatch', 'line_kind', 'unit_price_flag', 'quantity_flag', 'tax_amount',
    'shipping_amount', 'tip_amount', 'gift_card_amount', 'cost_amount', 'currency', 'original_currency',
    'original_amount', 'channel', 'store_id', 'staff_id', 'promotion_id', 'country', 'region', 'status', 'assumed',
    '_row_key', '_batch_id', '_entity_key'
] %}

{% if by_order -%} {{ refresh(by=['id_namespace', 'order_id'], follows='changed_orders', keeps_removed=true) }}
{%- else -%} {{ silver('order_lines') }}
{%- endif %}

with
    lines as ({{ raw_event_rows('order_lines') if by_order else event_rows('order_lines') }}),

    countries as (select lower(raw_country) as country_key, raw_country, country from {{ ref('countries') }}),

    {% if by_order -%} {{ order_level_values() }} {%- endif %}

    valued as (

        select
            lines.source_name,
            lines.id_namespace,
            lines.order_id,
            lines.line_number,
            lines.ordered_at,
            cast(lines.ordered_at as date) as order_date,
            {{ own_or_inherited('customer_id') }} as customer_id,
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
            {%- else -%} lines.unit_price,
            {%- endif %}
            {% if var('totals_as_lines') -%} {{ gross_of_totals() }} as line_gross_amount,
            {%- elif is_mapped('order_lines', 'line_amount') -%}
                coalesce(
                    lines.line_amount + lines.line_discount_amount,
                    {{ money_product('lines.quantity', 'lines.unit_price') }}
                ) as line_gross_amount,
            {%- else -%} {{ money_product('lines.quantity', 'lines.unit_price') }} as line_gross_amount,
            {%- endif %}
            lines.line_discount_amount,
            lines.stated_amount,
            {% for column in amounts -%} lines.{{ column }}, {% endfor -%}
            lines.cost_amount,
            coalesce({{ own_or_inherited('currency') }}, '{{ var("currency") }}') as currency,
            {{ own_or_inherited('channel') }} as channel,
            {{ own_or_inherited('store_id') }} as store_id,
            {{ own_or_inherited('staff_id') }} as staff_id,
            {{ own_or_inherited('promotion_id') }} as promotion_id,
            {{ mapped_country(own_or_inherited('country'), 'countries') }} as country,
            {{ own_or_inherited('region') }} as region,
            {{ own_or_inherited('status') }} as status,
            {% if is_mapped('order_lines', 'is_test') -%} {{ own_or_inherited('is_test') }} as is_test, {%- endif %}
            lines.assumed,
            lines._row_key,
            lines._batch_id,
            lines._entity_key
            {%- if by_order %}, {{ order_columns() }} {%- endif %}
        from lines {% if by_order -%} {{ join_order_values() }} {%- endif %}
        left join countries on lower({{ own_or_inherited('country') }}) = countries.country_key

    ),

    classified as (

        select
            *,
            {% if is_mapped('order_lines', 'is_test') or is_mapped('order_lines', 'status') -%}
                case
                    {% if is_mapped('order_lines', 'is_test') -%} when is_test then 'test' {%- endif %}
                    {% if is_mapped('order_lines', 'status') -%}
                        when status is not null and not {{ is_one_of('status', var('spend_statuses')) }}
                        then 'not_completed'
                    {%- endif %}
                    else {{ line_kind() }}
                end as line_kind,
            {%- else -%} {{ line_kind() }} as line_kind,
            {%- endif %}
            {{ unit_price_flag() }} as unit_price_flag,
            {{ quantity_flag() }} as quantity_flag
        from valued

    ){{ ',' if by_order }}

    {% if by_order -%} {{ lines_with_order_values(line_columns) }} {%- endif %}

{% if by_order -%} select {{ line_columns | join(', ') }} from lines_and_refunds
{%- else -%}
    select
        {% for column in line_columns -%}
            {%- if column == 'line_gross_amount' -%} {{ gross_without_tax() }} as line_gross_amount
            {%- elif column == 'line_amount' -%} {{ gross_without_tax() }} - line_discount_amount as line_amount
            {%- elif column == 'is_amount_mismatch' -%}
                stated_amount <> line_gross_amount - line_discount_amount as is_amount_mismatch
            {%- elif column == 'original_currency' -%} cast(null as {{ type_text() }}) as original_currency
            {%- elif column == 'original_amount' -%} cast(null as {{ type_amount() }}) as original_amount
            {%- else -%} {{ column }}
            {%- endif -%}
            {{ ', ' if not loop.last }}
        {%- endfor %}
    from classified
{%- endif %}
