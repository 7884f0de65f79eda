{# The orders whose lines silver must build again: those with rows of lines or heads that arrived, and those in a currency
   whose rates did. Not used before the first build, or if order_lines is built in full. #}
{% set values = var('order_values') %}
{# named here, since dbt must know what a model reads whatever it is built from #}
{% set has_heads = values['from_heads'] or values['inherited'] %}
{% set heads = [ref('stg_orders'), ref('orders')] if has_heads else [] %}
{% set rates = ref('stg_exchange_rates') if values['has_rates'] else none %}

{% if not is_incremental_build() -%}
    select id_namespace, order_id from {{ ref('stg_order_lines') }} as no_lines where 1 = 0
{%- else -%}
    {{ orders_of_new_rows('order_lines') }}
    {% if has_heads -%}
        union all
        {{ orders_of_new_rows('orders') }}
    {%- endif %}
    {% if values['has_rates'] -%}
        union all
        select lines.id_namespace, lines.order_id
        from {{ ref('stg_order_lines') }} as lines
        {% if 'currency' in values['inherited'] -%}
            left join
                {{ heads[1] }} as heads on lines.id_namespace = heads.id_namespace and lines.order_id = heads.order_id
        {%- endif %}
        inner join
            (
                select
                    upper(trim(currency)) as currency,
                    {# of a rate that replaces another it is not known from when on that one held -#}
                    {% if is_keyed('exchange_rates') -%} cast('{{ before_all_days() }}' as date) as valid_from_date
                    {%- else -%}
                        min(coalesce(valid_from_date, cast('{{ before_all_days() }}' as date))) as valid_from_date
                    {%- endif %}
                from {{ new_rows(rates) }} as arrived
                where quarantine_reason is null
                group by upper(trim(currency))
            ) as changed_rates
            on upper(
                trim(
                    coalesce(lines.currency {%- if 'currency' in values['inherited'] -%}, heads.currency {%- endif -%})
                )
            )
            = changed_rates.currency
            and cast(lines.ordered_at as date) >= changed_rates.valid_from_date
        where lines.quarantine_reason is null
    {%- endif %}
{%- endif %}
