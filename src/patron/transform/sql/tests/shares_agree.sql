{# Amounts of whole orders against the sums of the shares that their lines took. One row per amount that differs. #}
{% set values = var('order_values') %}
{% set shares = {
    'discount': 'line_discount_amount', 'tax': 'tax_amount', 'shipping': 'shipping_amount', 'tip': 'tip_amount',
    'gift_card': 'gift_card_amount'
} %}

with
    raw as ({{ good_rows('order_lines') }}),

    {# each order that has lines, with what the lines and the head say of it #}
    stated as (

        select
            raw.id_namespace,
            raw.order_id
            {%- for name in whole_order_names() %}
                {%- set column = 'order_' ~ name ~ '_amount' %}
                {%- if column in values['from_lines'] %}
                    , {{ one_amount('raw.' ~ column) }} as {{ name }}_on_lines
                {%- endif %}
                {%- if column in values['from_heads'] %}
                    , {{ one_amount('heads.' ~ column) }} as {{ name }}_on_heads
                {%- endif %}
            {%- endfor %}
        from ({{ rows_of_latest_files('raw') }}) as raw
        {% if values['from_heads'] -%}
            left join
                {{ ref('orders') }} as heads on raw.id_namespace = heads.id_namespace and raw.order_id = heads.order_id
        {%- endif %}
        group by raw.id_namespace, raw.order_id

    ),

    compared as (

        {% for name, column in shares.items() if name in whole_order_names() and not values['has_rates'] -%}
            {%- set whole = 'order_' ~ name ~ '_amount' -%}
            {%- set on_lines, on_heads = whole in values['from_lines'], whole in values['from_heads'] -%}
            select
                'shares of {{ whole }}' as broken_rule,
                (
                    select
                        sum(
                            {% if on_lines and on_heads -%}
                                case when {{ name }}_on_lines <> 0 then {{ name }}_on_lines else {{ name }}_on_heads end
                            {%- else -%}{{ name }}_{{ 'on_lines' if on_lines else 'on_heads' }}
                            {%- endif %}
                        )
                    from stated
                ) as stated_amount,
                (select sum({{ column }}) from {{ ref('order_lines') }} as lines)
                - (select sum({{ column }}) from ({{ rows_of_latest_files('raw') }}) as raw) as shared_amount
            union all
        {% endfor -%}
        select
            'none' as broken_rule,
            cast(0 as {{ type_amount() }}) as stated_amount,
            cast(0 as {{ type_amount() }}) as shared_amount

    )

select broken_rule, 1 as row_count, stated_amount - shared_amount as difference
from compared
where stated_amount <> shared_amount
