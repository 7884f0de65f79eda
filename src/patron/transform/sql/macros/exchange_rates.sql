{# Amounts in the shop's currency. #}

{# The latest rate of each currency and first day, with the day on which the next one begins. #}
{% macro exchange_rate_periods() -%}
rates as (

    select
        rate_currency,
        valid_from_date,
        lead(valid_from_date) over (partition by rate_currency order by valid_from_date) as next_date,
        exchange_rate
    from (
        select rate_currency, valid_from_date, max(exchange_rate) as exchange_rate
        from (
            select
                dated_rates.*,
                row_number() over (partition by rate_currency, valid_from_date order by _row_key desc) as _recency
            from (
                select
                    upper(trim(currency)) as rate_currency,
                    coalesce(valid_from_date, cast('{{ before_all_days() }}' as date)) as valid_from_date,
                    exchange_rate,
                    _row_key
                from {{ ref('exchange_rates') }} as rows_of_rates
            ) as dated_rates
        ) as ranked
        where _recency = 1
        group by rate_currency, valid_from_date
    ) as latest_rates

),
{%- endmacro %}

{% macro has_rate() -%}
(upper(trim(currency)) = '{{ var("currency") }}' or {{ is_converted() }})
{%- endmacro %}

{# Whether a line has a rate, at which all of its amounts are below the contract's limit. #}
{% macro is_converted() -%}
(
    exchange_rate is not null
    {% for amount in converted_amounts() -%}
        and cast(coalesce(abs({{ amount }}), 0) as {{ type_double() }}) * cast(exchange_rate as {{ type_double() }})
        < 10000000000000
    {% endfor %}
)
{%- endmacro %}

{# The amounts of a line that have a currency. #}
{% macro converted_amounts() -%}
{{ return(['unit_price', 'line_gross_amount', 'line_discount_amount', 'stated_amount', 'tax_amount', 'shipping_amount', 'tip_amount', 'gift_card_amount', 'cost_amount']) }}
{%- endmacro %}

{# An amount in the shop's currency. Without a rate it stays as it is, in its own currency, and stops the run. #}
{% macro converted(amount) -%}
case
    when upper(trim(currency)) = '{{ var("currency") }}' or not {{ is_converted() }} then {{ amount }}
    else cast(round(cast({{ amount }} as {{ type_total() }}) * exchange_rate, 4) as {{ type_amount() }})
end
{%- endmacro %}
