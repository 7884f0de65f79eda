{{ refresh(by=['_batch_id'], follows='changed_lines') }}

{% set other_kinds = ['free', 'adjustment', 'bad_debt', 'charge', 'invalid', 'not_completed'] %}

with
    classified as (

        select
            _batch_id,
            source_name,
            order_date as ledger_date,
            count(*) as line_count,
            {{ gross_amount() }} as gross_amount,
            {{ discount_amount() }} as discount_amount,
            {{ refund_amount() }} as refund_amount,
            {% for kind in other_kinds -%}
                {{ kind_amount(kind) }} as {{ kind }}_amount{{ ',' if not loop.last }}
            {% endfor %}
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
    classified.line_count,
    raw.raw_line_count,
    classified.gross_amount,
    classified.discount_amount,
    classified.refund_amount,
    {% for kind in other_kinds -%} classified.{{ kind }}_amount, {% endfor -%}
    raw.raw_amount
from classified
full outer join
    raw
    on classified._batch_id = raw._batch_id
    and classified.source_name = raw.source_name
    and classified.ledger_date = raw.ledger_date
