{{ refresh(by=['_batch_id'], follows='changed_lines') }}

{% set other_kinds = ['free', 'adjustment', 'bad_debt', 'charge', 'gift_card', 'invalid', 'not_completed', 'test'] %}

with
    classified as (

        select
            _batch_id,
            source_name,
            order_date as ledger_date,
            count(case when _row_key > 0 then 1 end) as line_count,
            {{ gross_amount() }} as gross_amount,
            {{ discount_amount() }} as discount_amount,
            {{ refund_amount() }} as refund_amount,
            {% for kind in other_kinds -%} {{ kind_amount(kind) }} as {{ kind }}_amount, {% endfor -%}
            sum(line_amount) as line_amount
        from {{ affected(ref('order_lines')) }} as lines
        group by _batch_id, source_name, order_date

    ),

    raw as (

        select
            _batch_id,
            source_name,
            cast(ordered_at as date) as ledger_date,
            count(*) as raw_line_count,
            {% if is_mapped('order_lines', 'line_amount') -%}
                sum(
                    coalesce(line_amount, {{ money_product('quantity', 'unit_price') }} - line_discount_amount)
                ) as raw_amount
            {%- else -%} sum({{ money_product('quantity', 'unit_price') }} - line_discount_amount) as raw_amount
            {%- endif %}
        from ({{ raw_event_rows('order_lines') }}) as lines
        group by _batch_id, source_name, cast(ordered_at as date)

    )

select
    coalesce(classified._batch_id, raw._batch_id) as _batch_id,
    coalesce(classified.source_name, raw.source_name) as source_name,
    coalesce(classified.ledger_date, raw.ledger_date) as ledger_date,
    coalesce(classified.line_count, 0) as line_count,
    coalesce(raw.raw_line_count, 0) as raw_line_count,
    {% for kind in ['gross', 'discount', 'refund'] + other_kinds -%}
        coalesce(classified.{{ kind }}_amount, 0) as {{ kind }}_amount,
    {% endfor -%}
    coalesce(raw.raw_amount, 0) as raw_amount,
    {% if is_built_by_order() or var('is_tax_deducted') or var('totals_as_lines') -%}
        coalesce(classified.line_amount, 0) - coalesce(raw.raw_amount, 0) as shared_amount
    {%- else -%} cast(0 as {{ type_amount() }}) as shared_amount
    {%- endif %}
from classified
full outer join
    raw
    on classified._batch_id = raw._batch_id
    and classified.source_name = raw.source_name
    and classified.ledger_date = raw.ledger_date
