{# What an order line takes over from beyond its own row: its share of amounts of the whole order, columns of the order's
   head, an exchange rate, a refund. Only for shops that map such things; silver.order_lines is then built order by
   order (patron/project/mapping/order_values.py). #}

{% macro is_built_by_order() %}{{ return(var('order_values') | length > 0) }}{% endmacro %}

{# The name by which an amount of a whole order goes in what follows: order_tax_amount is tax. #}
{% macro whole_order_names() -%}
{%- set names = [] -%}
{%- for name in ['discount', 'tax', 'shipping', 'tip', 'gift_card', 'refund'] -%}
{%- set column = 'order_' ~ name ~ '_amount' -%}
{%- if column in var('order_values')['from_lines'] + var('order_values')['from_heads'] -%}{%- do names.append(name) -%}{%- endif -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}

{# The amount of an order whose rows repeat it, give it once, or give it beside zeros. #}
{% macro one_amount(column) -%}
coalesce(case when max({{ column }}) > 0 then max({{ column }}) else min({{ column }}) end, 0)
{%- endmacro %}

{# What the whole order gives its lines, one row an order: amounts, columns of its head, the day its status became one of
   a refund. Only orders of which anything is known. #}
{% macro order_level_values() -%}
{%- set values = var('order_values') -%}
{%- set names = whole_order_names() -%}
{%- set on_lines = values['from_lines'] -%}
{%- set has_heads = values['from_heads'] or values['inherited'] -%}
{%- if on_lines %}
line_orders as (
    select
        id_namespace,
        order_id
        {%- for column in on_lines %}, {{ one_amount(column) }} as {{ column }}{% endfor %}
        {%- if 'order_refund_amount' in on_lines %}, max(refunded_at) as refunded_at{% endif %}
    from lines
    group by id_namespace, order_id
),
{%- endif %}
{%- if has_heads %}
head_orders as (
    select
        id_namespace,
        order_id
        {%- for column in values['from_heads'] %}, {{ one_amount(column) }} as {{ column }}{% endfor %}
        {%- for column in values['inherited'] %}, max({{ column }}) as {{ column }}{% endfor %}
    from {{ affected(ref('orders')) }} as heads
    group by id_namespace, order_id
),
{%- endif %}
{%- if values['refunded_statuses'] %}
{# a status that was a refund's from the first row on says nothing of a day of its own #}
status_refunds as (
    select id_namespace, order_id, min(changed_at) as status_refunded_at
    from (
        select
            id_namespace,
            order_id,
            case
                when {{ is_one_of('status', values['refunded_statuses']) }}
                then
                    coalesce(
                        updated_at,
                        case
                            when
                                min(
                                    case when not {{ is_one_of('status', values['refunded_statuses']) }} then _row_key end
                                ) over (partition by source_name, id_namespace, order_id)
                                < _row_key
                            then _landed_at
                        end
                    )
            end as changed_at
        from ({{ rows_with_a_status() }}) as rows_with_a_status
        where status is not null
    ) as changes
    group by id_namespace, order_id
),
{%- endif %}
{%- if values['has_rates'] %}
{{ exchange_rate_periods() }}
{%- endif %}
{%- endmacro %}

{% macro rows_with_a_status() -%}
{%- for entity in ['order_lines', 'orders'] if is_mapped(entity, 'status') and entity in var('staged_entities') -%}
{{ 'union all ' if not loop.first }}select source_name, id_namespace, order_id, status, updated_at, _row_key, _landed_at
from {{ affected(ref('stg_' ~ entity)) }} as {{ entity }}_with_a_status
where quarantine_reason is null
{% endfor -%}
{%- endmacro %}

{# The first `part` of `whole` of an amount, rounded to hundredths; all of it where the part is the whole. Shares are
   differences of such sums, so that they add up to the amount. part, whole: whole numbers, not negative. #}
{% macro first_part(amount, part, whole) -%}
case
    when {{ amount }} = 0 then 0
    when {{ part }} = {{ whole }} then {{ amount }}
    when {{ part }} = 0 then 0
    else
        case when {{ amount }} < 0 then -1 else 1 end * {{ ten_thousandths(
            "100 * " ~ whole_divide(
                "2 * " ~ in_ten_thousandths("abs(" ~ amount ~ ")") ~ " * " ~ part ~ " + 100 * " ~ whole,
                "200 * " ~ whole
            )
        ) }}
end
{%- endmacro %}

{# A line's share of an amount of its order. #}
{% macro share_of(amount) -%}
cast(
    {{ first_part(amount, '_weight_to_here', '_order_weight') }}
    - {{ first_part(amount, '(_weight_to_here - _weight)', '_order_weight') }} as {{ type_amount() }}
)
{%- endmacro %}

{# A column of a line, or where lines do not map it, of the order's head. #}
{% macro own_or_inherited(column) -%}
{%- if column in var('order_values').get('inherited', []) -%} coalesce(lines.{{ column }}, head_orders.{{ column }})
{%- else -%} lines.{{ column }}
{%- endif -%}
{%- endmacro %}

{# Where an order's total is its line, the goods before discounts are what is left of it. #}
{% macro gross_of_totals() -%}
{%- set own = money_product('lines.quantity', 'lines.unit_price') -%}
case
    when {{ is_one_of_sources('lines.source_name', var('totals_as_lines')) }}
    then
        lines.unit_price + lines.line_discount_amount - lines.shipping_amount - lines.tip_amount
        {{- ' - lines.tax_amount' if var('is_tax_apart') }}
    when lines.line_amount is not null
    then lines.line_amount + lines.line_discount_amount
    else {{ own }}
end
{%- endmacro %}

{# What lies above the discounts of a line, as revenue counts it. #}
{% macro gross_without_tax() -%}
{%- if var('is_tax_deducted') and is_mapped('order_lines', 'tax_amount') -%} line_gross_amount - tax_amount
{%- else -%} line_gross_amount
{%- endif -%}
{%- endmacro %}

{# In silver.order_lines, beside a line's own columns: those of its order. #}
{% macro order_columns() -%}
{%- set values = var('order_values') -%}
{%- for name in whole_order_names() -%}
{%- set column = 'order_' ~ name ~ '_amount' -%}
{%- set on_lines, on_heads = column in values['from_lines'], column in values['from_heads'] -%}
{%- if on_lines and on_heads -%}
case when line_orders.{{ column }} <> 0 then line_orders.{{ column }} else coalesce(head_orders.{{ column }}, 0) end
{%- else -%} coalesce({{ 'line_orders' if on_lines else 'head_orders' }}.{{ column }}, 0)
{%- endif %} as {{ column }},
{% endfor -%}
{%- if 'refunded_at' in values['inherited'] -%} coalesce(lines.refunded_at, head_orders.refunded_at)
{%- elif 'order_refund_amount' in values['from_lines'] -%} line_orders.refunded_at
{%- else -%} lines.refunded_at
{%- endif %} as refunded_at,
{{ 'rates.exchange_rate' if values['has_rates'] else 'cast(null as ' ~ type_amount() ~ ')' }} as exchange_rate,
{% if values['refunded_statuses'] -%}
status_refunds.status_refunded_at,
coalesce({{ is_one_of(own_or_inherited('status'), values['refunded_statuses']) }}, false) as is_refunded_by_status
{%- else -%} cast(null as timestamp) as status_refunded_at, false as is_refunded_by_status
{%- endif -%}
{%- endmacro %}

{% macro join_order_values() -%}
{%- set values = var('order_values') -%}
{%- if values['from_lines'] %}
left join line_orders on lines.id_namespace = line_orders.id_namespace and lines.order_id = line_orders.order_id
{%- endif -%}
{%- if values['from_heads'] or values['inherited'] %}
left join head_orders on lines.id_namespace = head_orders.id_namespace and lines.order_id = head_orders.order_id
{%- endif -%}
{%- if values['refunded_statuses'] %}
left join status_refunds on lines.id_namespace = status_refunds.id_namespace and lines.order_id = status_refunds.order_id
{%- endif -%}
{%- if values['has_rates'] %}
left join
    rates
    on upper(trim(coalesce({{ own_or_inherited('currency') }}, '{{ var("currency") }}'))) = rates.rate_currency
    and cast(lines.ordered_at as date) >= rates.valid_from_date
    and (rates.next_date is null or cast(lines.ordered_at as date) < rates.next_date)
{%- endif -%}
{%- endmacro %}

{# From the classified lines to lines_and_refunds: shares of the whole order's amounts, then the order's refund as lines
   of its own, then amounts in the shop's currency. #}
{% macro lines_with_order_values(line_columns) -%}
{%- set values = var('order_values') -%}
{%- set names = whole_order_names() -%}
{%- set by_order = "partition by id_namespace, order_id" -%}
weighed as (

    select
        weights.*,
        sum(_weight) over ({{ by_order }} order by _row_key rows unbounded preceding) as _weight_to_here,
        sum(_weight) over ({{ by_order }}) as _order_weight
    from (
        select
            classified.*,
            {# by their amounts; an order without sales lays all on its first line #}
            case
                when max(case when line_kind = 'sale' and line_gross_amount > line_discount_amount then 1 else 0 end) over ({{ by_order }}) = 1
                then
                    case
                        when line_kind = 'sale' and line_gross_amount > line_discount_amount
                        then {{ in_ten_thousandths('line_gross_amount - line_discount_amount') }}
                        else cast(0 as {{ type_wide() }})
                    end
                when _row_key = min(_row_key) over ({{ by_order }})
                then cast(1 as {{ type_wide() }})
                else cast(0 as {{ type_wide() }})
            end as _weight
        from classified
    ) as weights

),

shared as (

    select
        {% for column in line_columns if column not in ['line_gross_amount', 'line_discount_amount', 'line_amount', 'is_amount_mismatch', 'tax_amount', 'shipping_amount', 'tip_amount', 'gift_card_amount', 'original_currency', 'original_amount'] -%}
            {{ column }},
        {% endfor -%}
        stated_amount <> line_gross_amount - line_discount_amount as is_amount_mismatch,
        line_gross_amount
        {%- if var('is_tax_deducted') %} - tax_amount{{ ' - ' ~ share_of('order_tax_amount') if 'tax' in names }}{% endif %} as line_gross_amount,
        line_discount_amount{{ ' + ' ~ share_of('order_discount_amount') if 'discount' in names }} as line_discount_amount,
        {% for name in ['tax', 'shipping', 'tip', 'gift_card'] -%}
            {{ name }}_amount{{ ' + ' ~ share_of('order_' ~ name ~ '_amount') if name in names }} as {{ name }}_amount,
        {% endfor -%}
        {% if 'refund' in names %}order_refund_amount,{% endif %}
        exchange_rate,
        refunded_at,
        status_refunded_at,
        is_refunded_by_status,
        _weight,
        _weight_to_here,
        _order_weight
    from weighed

),

{% if 'refund' in names -%}
{# The goods' part of a refund. Tax that is apart from prices is given back with them, in proportion; then goods come
   first, and what is left is shipping, tips and charges. What goes beyond the order counts against its goods. #}
totalled as (

    select
        shared.*,
        sum(case when line_kind in ('sale', 'discount') then line_gross_amount - line_discount_amount else 0 end) over ({{ by_order }}) as _goods_amount,
        sum(
            case when line_kind in ('sale', 'discount', 'return', 'not_completed', 'test') then 0 else line_gross_amount - line_discount_amount end
            + shipping_amount + tip_amount
        ) over ({{ by_order }}) as _extras_amount,
        {{ "sum(tax_amount) over (" ~ by_order ~ ")" if var('is_tax_apart') else "cast(0 as " ~ type_amount() ~ ")" }} as _tax_amount
    from shared

),

priced as (

    select
        totalled.*,
        {% if var('is_tax_apart') -%}
            case
                when _tax_amount > 0 and _goods_amount + _extras_amount > 0
                then cast(round({{ money_ratio('order_refund_amount', in_ten_thousandths('_goods_amount + _extras_amount + _tax_amount'), in_ten_thousandths('_goods_amount + _extras_amount')) }}, 2) as {{ type_amount() }})
                else order_refund_amount
            end as _untaxed_refund_amount
        {%- else -%} order_refund_amount as _untaxed_refund_amount
        {%- endif %}
    from totalled

),

refunded as (

    select
        priced.*,
        cast(
            case
                when _untaxed_refund_amount <= _goods_amount or _goods_amount <= 0 then _untaxed_refund_amount
                when _untaxed_refund_amount <= _goods_amount + _extras_amount then _goods_amount
                else _untaxed_refund_amount - case when _extras_amount > 0 then _extras_amount else 0 end
            end as {{ type_amount() }}
        ) as _goods_refund_amount
    from priced

),
{%- else %}
refunded as (select shared.*, cast(0 as {{ type_amount() }}) as order_refund_amount, cast(0 as {{ type_amount() }}) as _goods_refund_amount from shared),
{%- endif %}

{# a refund's line has the number of the sale's, below zero #}
refund_lines as (

    select
        {% for column in line_columns -%}
            {%- if column == 'ordered_at' -%} coalesce(refunded_at, status_refunded_at, ordered_at) as ordered_at
            {%- elif column == 'order_date' -%} cast(coalesce(refunded_at, status_refunded_at, ordered_at) as date) as order_date
            {%- elif column in ['quantity', 'unit_price', 'line_discount_amount', 'tax_amount', 'shipping_amount', 'tip_amount', 'gift_card_amount'] -%} cast(0 as {{ type_amount() }}) as {{ column }}
            {%- elif column in ['line_gross_amount', 'line_amount'] -%} _given_back_amount as {{ column }}
            {%- elif column in ['stated_amount', 'original_amount', 'cost_amount'] -%} cast(null as {{ type_amount() }}) as {{ column }}
            {%- elif column == 'is_amount_mismatch' -%} cast(null as boolean) as is_amount_mismatch
            {%- elif column == 'line_kind' -%} 'return' as line_kind
            {%- elif column in ['unit_price_flag', 'quantity_flag', 'original_currency'] -%} cast(null as {{ type_text() }}) as {{ column }}
            {%- elif column == '_row_key' -%} 0 - _row_key as _row_key
            {%- else -%} {{ column }}
            {%- endif -%},
        {%- endfor %}
        exchange_rate
    from (
        select
            refunded.*,
            cast(
                case
                    when order_refund_amount <> 0 then 0 - {{ share_of('_goods_refund_amount') }}
                    when is_refunded_by_status and line_kind in ('sale', 'discount') then line_discount_amount - line_gross_amount
                    else 0
                end as {{ type_amount() }}
            ) as _given_back_amount
        from refunded
        where line_kind not in ('not_completed', 'test')
    ) as given_back
    where _given_back_amount <> 0

),

in_their_currency as (

    select
        {% for column in line_columns -%}
            {%- if column == 'line_amount' -%} line_gross_amount - line_discount_amount as line_amount
            {%- elif column == 'original_currency' -%} cast(null as {{ type_text() }}) as original_currency
            {%- elif column == 'original_amount' -%} cast(null as {{ type_amount() }}) as original_amount
            {%- else -%} {{ column }}
            {%- endif -%},
        {%- endfor %}
        exchange_rate
    from refunded
    union all
    select {{ line_columns | join(', ') }}, exchange_rate
    from refund_lines

),

{% if values['has_rates'] -%}
lines_and_refunds as (

    select
        {% for column in line_columns -%}
            {%- if column in converted_amounts() -%} {{ converted(column) }} as {{ column }}
            {%- elif column == 'line_amount' -%} {{ converted('line_gross_amount') }} - {{ converted('line_discount_amount') }} as line_amount
            {%- elif column == 'original_currency' -%} upper(trim(currency)) as original_currency
            {%- elif column == 'original_amount' -%} line_amount as original_amount
            {%- elif column == 'currency' -%} case when {{ has_rate() }} then '{{ var("currency") }}' else upper(trim(currency)) end as currency
            {%- else -%} {{ column }}
            {%- endif -%}
            {{ ', ' if not loop.last }}
        {%- endfor %}
    from in_their_currency

)
{%- else -%}
lines_and_refunds as (select * from in_their_currency)
{%- endif -%}
{%- endmacro %}
