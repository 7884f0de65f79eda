{# The label of a number by a setting's bands (patron.yaml: bands); null for null. #}
{% macro band(value, name) -%}
{%- set bands = var('bands')[name] -%}
case
    when {{ value }} is null then null
    {%- for cut in bands['cuts'] %}
    when {{ value }} < {{ cut }} then '{{ escape_text(bands["labels"][loop.index0]) }}'
    {%- endfor %}
    else '{{ escape_text(bands["labels"][-1]) }}'
end
{%- endmacro %}

{# Whether any source fills a canonical column. Work for unfilled columns is skipped. #}
{% macro is_mapped(entity, column) %}{{ return(column in var('mapped_columns').get(entity, [])) }}{% endmacro %}

{# Whether the shop's data shows which lines were on promotion. #}
{% macro maps_promotions() -%}
{{ return(
    is_mapped('order_lines', 'promotion_id') or is_mapped('order_lines', 'line_discount_amount')
    or is_mapped('orders', 'order_discount_amount')
) }}
{%- endmacro %}

{% macro attribution_models() %}{{ return(['first_touch', 'last_touch', 'linear', 'position_based', 'time_decay']) }}{% endmacro %}

{# Whether a text is one of the words, ignoring case. #}
{% macro is_one_of(text, words) -%}
lower(trim({{ text }})) in ({% for word in words %}'{{ escape_text(word) }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# Whether a text contains one of the words, ignoring case. #}
{% macro holds_one_of(text, words) -%}
({% for word in words %}{{ position_in("'" ~ escape_text(word) ~ "'", 'lower(' ~ text ~ ')') }} > 0{{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# A well-formed email address: one @ with something before it, a domain with a dot and an ending of two or more letters,
   no blanks, no misplaced dot or hyphen. Written without regular expressions, whose dialects differ. #}
{% macro is_valid_email(email) -%}
(
    {{ email }} like '_%@_%.__%'
    and {{ email }} not like '%@%@%'
    and {{ email }} not like '% %'
    and {{ email }} not like '%..%'
    and {{ email }} not like '.%'
    and {{ email }} not like '%.'
    and {{ email }} not like '%.@%'
    and {{ email }} not like '%@.%'
    and {{ email }} not like '%@-%'
    and {{ email }} not like '%-.%'
)
{%- endmacro %}

{% macro email_domain(email) -%}
case when {{ email }} like '%@%' then nullif(lower({{ text_part(email, "'@'", 2) }}), '') end
{%- endmacro %}

{# Full years between two days, as people count their age. #}
{% macro whole_years(first_date, last_date) -%}
cast(
    extract(year from {{ last_date }}) - extract(year from {{ first_date }})
    - case
        when extract(month from {{ last_date }}) * 100 + extract(day from {{ last_date }})
            < extract(month from {{ first_date }}) * 100 + extract(day from {{ first_date }})
        then 1
        else 0
    end as bigint
)
{%- endmacro %}

{# A count per week from a first day to a last one; less than a week counts as one. #}
{% macro per_week(count, first_date, last_date) -%}
{{ count }} * cast(7 as {{ type_double() }})
    / case when {{ days_between(first_date, last_date) }} < 7 then 7 else {{ days_between(first_date, last_date) }} end
{%- endmacro %}
