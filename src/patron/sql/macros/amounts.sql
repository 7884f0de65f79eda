{# The parts that a line's amount can be: DESIGN's ledger, gross + discounts + refunds + other = raw total. #}

{% macro gross_amount() -%}
sum(case when line_kind = 'sale' then line_gross_amount else 0 end)
{%- endmacro %}

{# Negative: money given away. Discount lines, and what was taken off sale lines. #}
{% macro discount_amount() -%}
sum(case when line_kind = 'discount' then line_amount when line_kind = 'sale' then 0 - line_discount_amount else 0 end)
{%- endmacro %}

{# Negative: money given back, on the day it was given back. #}
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

{# numerator / denominator, rounded half away from zero to four places, in whole numbers so that engines agree.
   Null where the denominator is zero or null. #}
{% macro money_ratio(numerator, denominator) -%}
{%- set scaled = "cast(abs(" ~ numerator ~ ") * 10000 as " ~ type_wide() ~ ")" -%}
{%- set divisor = "cast(nullif(" ~ denominator ~ ", 0) as " ~ type_wide() ~ ")" -%}
sign({{ numerator }}) * {{ ten_thousandths(whole_divide("2 * " ~ scaled ~ " + " ~ divisor, "2 * " ~ divisor)) }}
{%- endmacro %}
