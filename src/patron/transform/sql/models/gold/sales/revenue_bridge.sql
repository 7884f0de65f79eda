{% set kinds = ['free', 'adjustment', 'bad_debt', 'charge', 'gift_card', 'invalid', 'not_completed', 'test'] %}
{% set beside = ['tax', 'shipping', 'tip', 'gift_card'] %}
{% set charges = [] %}
{% for column in ['tax_amount', 'shipping_amount', 'tip_amount', 'gift_card_amount'] -%}
    {% for mapped in [column, 'order_' ~ column]
        if is_mapped('order_lines', mapped) or is_mapped('orders', mapped) -%}
        {% do charges.append(mapped) %}
    {%- endfor %}
{%- endfor %}

with
    bounds as (
        select coalesce(max(as_of_date), cast('{{ before_all_days() }}' as date)) as as_of_date from {{ ref('as_of') }}
    ),

    lines as (

        select
            source_name,
            {{ whole_sum('raw_line_count') }} as line_count,
            sum(raw_amount) as raw_amount,
            sum(shared_amount) as shared_amount,
            {% for kind in kinds -%} sum({{ kind }}_amount) as {{ kind }}_amount, {% endfor -%}
            sum(
                case when ledger_date > as_of_date then gross_amount + discount_amount + refund_amount else 0 end
            ) as later_amount,
            {% for part in ['gross', 'discount', 'refund'] -%}
                sum(case when ledger_date <= as_of_date then {{ part }}_amount else 0 end) as {{ part }}_amount
                {{- ',' if not loop.last }}
            {% endfor %}
        from {{ ref('ledger') }}
        cross join bounds
        group by source_name

    ),

    {# of lines that count as sales: what customers paid beside the price of the goods, or with gift cards #}
    charged as (

        select
            source_name,
            {% for name in beside -%} sum({{ name }}_amount) as {{ name }}_amount{{ ',' if not loop.last }} {% endfor %}
        from {{ ref('order_lines') }} as order_lines
        cross join bounds
        where
            order_date <= as_of_date and line_kind not in ('not_completed', 'test')
            {% if not charges -%} and 1 = 0 {%- endif %}
        group by source_name

    ),

    quarantined as (

        select
            source_name,
            {{ whole_sum('1') }} as quarantined_count,
            {# a product that is too large for an amount is one of the reasons to be here #}
            sum(
                case
                    when line_amount is not null
                    then line_amount
                    when
                        abs(cast(quantity as {{ type_double() }}) * cast(unit_price as {{ type_double() }}))
                        < 10000000000000
                    then coalesce({{ money_product('quantity', 'unit_price') }} - coalesce(line_discount_amount, 0), 0)
                    else 0
                end
            ) as quarantined_amount
        from {{ ref('stg_order_lines') }}
        where quarantine_reason is not null
        group by source_name

    ),

    sources as (
        select source_name
        from lines
        union distinct
        select source_name
        from quarantined
    )

select
    sources.source_name,
    coalesce(lines.line_count, 0) as line_count,
    coalesce(quarantined.quarantined_count, 0) as quarantined_count,
    coalesce(quarantined.quarantined_amount, 0) as quarantined_amount,
    coalesce(lines.raw_amount, 0) as raw_amount,
    coalesce(lines.shared_amount, 0) as shared_amount,
    {% for kind in kinds -%}
        coalesce(lines.{{ kind }}_amount, 0) as {{ 'gift_card_sold' if kind == 'gift_card' else kind }}_amount,
    {% endfor -%}
    coalesce(lines.later_amount, 0) as later_amount,
    coalesce(lines.gross_amount, 0) as gross_amount,
    coalesce(lines.discount_amount, 0) as discount_amount,
    coalesce(lines.refund_amount, 0) as refund_amount,
    coalesce(lines.gross_amount + lines.discount_amount + lines.refund_amount, 0) as net_amount,
    coalesce(charged.tax_amount, 0) as tax_amount,
    coalesce(charged.shipping_amount, 0) as shipping_amount,
    coalesce(charged.tip_amount, 0) as tip_amount,
    coalesce(charged.gift_card_amount, 0) as gift_card_paid_amount
from sources
left join lines on sources.source_name = lines.source_name
left join charged on sources.source_name = charged.source_name
left join quarantined on sources.source_name = quarantined.source_name
