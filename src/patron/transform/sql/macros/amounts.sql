{# The parts of a line's amount: gross + discounts + refunds + other = raw total. #}

{# Whether a line counts in some measure: tests, orders that came to nothing, and lines that cannot be read count in none. #}
{% macro is_counted_line(line_kind) -%} {{ line_kind }} not in ('invalid', 'not_completed', 'test') {%- endmacro %}

{% macro gross_amount() -%}
sum(case when line_kind = 'sale' then line_gross_amount else 0 end)
{%- endmacro %}

{# Negative: discount lines, and discounts on sale lines. #}
{% macro discount_amount() -%}
sum(case when line_kind = 'discount' then line_amount when line_kind = 'sale' then 0 - line_discount_amount else 0 end)
{%- endmacro %}

{# Negative: refunds, on the day of the refund. #}
{% macro refund_amount() -%}
sum(case when line_kind = 'return' then line_amount else 0 end)
{%- endmacro %}

{% macro net_amount() -%}
sum(case
    when line_kind in ('sale', 'discount', 'return') then line_amount
    else 0
end)
{%- endmacro %}

{% macro kind_amount(kind) -%}
sum(case when line_kind = '{{ kind }}' then line_amount else 0 end)
{%- endmacro %}

{# A sum of whole numbers that stays 64 bits wide: DuckDB's would be 128 bits, which Parquet stores as a float. #}
{% macro whole_sum(counts) -%}
cast(sum({{ counts }}) as bigint)
{%- endmacro %}

{# A sum as a double that does not depend on the order of the rows. Adding doubles one by one does, and a mean halfway between two
   rounded values would then be rounded up or down by chance. Each number is rounded to eight places first, or to a whole number
   where eight places would leave no room: the square of an amount may have thirty digits. #}
{% macro steady_sum(numbers) -%}
(
    cast(
        sum(cast(case when abs({{ numbers }}) < 1e12 then {{ numbers }} when abs({{ numbers }}) >= 1e12 then 0 end as {{ type_steady() }}))
        as {{ type_double() }}
    ) + cast(
        sum(cast(case when abs({{ numbers }}) >= 1e12 then {{ numbers }} when abs({{ numbers }}) < 1e12 then 0 end as {{ type_whole_total() }}))
        as {{ type_double() }}
    )
)
{%- endmacro %}

{# amount * times / by, rounded half away from zero to four places; exact, so that engines agree. `times` and `by` are
   whole and not negative. Null where `by` is zero or null. #}
{% macro money_ratio(amount, by, times='1') %}{{ return(adapter.dispatch('money_ratio')(amount, by, times)) }}{% endmacro %}

{% macro default__money_ratio(amount, by, times) -%}
{%- set scaled = in_ten_thousandths("abs(" ~ amount ~ ")") ~ " * (" ~ times ~ ")" -%}
{%- set divisor = "cast(nullif(" ~ by ~ ", 0) as " ~ type_wide() ~ ")" -%}
case when {{ amount }} < 0 then -1 else 1 end * {{ ten_thousandths(whole_divide("2 * " ~ scaled ~ " + " ~ divisor, "2 * " ~ divisor)) }}
{%- endmacro %}

{# 128-bit division is slow. Below 10^11 the same is exact in doubles: ten-thousandths and their product are whole and
   below 2^53, a tie is a representable quotient, and any other quotient lies further from a tie than rounding reaches. #}
{% macro duckdb__money_ratio(amount, by, times) -%}
case
    when abs(cast({{ amount }} as double)) * ({{ times }}) < 1e11
    then cast(
        round(round(cast({{ amount }} as double) * 10000) * ({{ times }}) / nullif({{ by }}, 0)) / 10000
        as decimal(38, 4)
    )
    else cast({{ default__money_ratio(amount, by, times) }} as decimal(38, 4))
end
{%- endmacro %}

{# An amount as a whole number of ten-thousandths; widened first, since DuckDB multiplies within 18 digits what has 18. #}
{% macro in_ten_thousandths(amount) -%}
cast(cast({{ amount }} as {{ type_total() }}) * 10000 as {{ type_wide() }})
{%- endmacro %}

{# The price of one piece, rounded to four places, of a total for so many; zero for no pieces. #}
{% macro unit_price_of(amount, quantity) -%}
{%- set pieces = in_ten_thousandths("abs(" ~ quantity ~ ")") -%}
{%- set signed = "(case when " ~ quantity ~ " < 0 then 0 - (" ~ amount ~ ") else " ~ amount ~ " end)" -%}
case when {{ quantity }} = 0 then 0 else cast({{ money_ratio(signed, pieces, times='10000') }} as {{ type_amount() }}) end
{%- endmacro %}

{# A running sum of whole numbers that stays 64 bits wide. #}
{% macro whole_running(counts, partition, order) -%}
cast(sum({{ counts }}) over (partition by {{ partition }} order by {{ order }} rows unbounded preceding) as bigint)
{%- endmacro %}
