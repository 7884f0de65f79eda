{# Everything that one engine spells differently from another, and that dbt's own macros do not cover. #}

{% macro raw_row(columns) %}{{ return(adapter.dispatch('raw_row')(columns)) }}{% endmacro %}

{# The source's own columns of a row as JSON text. #}
{% macro default__raw_row(columns) -%}
to_json(named_struct({% for c in columns %}'{{ c | replace("'", "\\'") }}', {{ quoted(c) }}{{ ', ' if not loop.last }}{% endfor %}), map('ignoreNullFields', 'false'))
{%- endmacro %}

{% macro duckdb__raw_row(columns) -%}
cast(to_json(struct_pack({% for c in columns %}{{ quoted(c) }} := {{ quoted(c) }}{{ ', ' if not loop.last }}{% endfor %})) as text)
{%- endmacro %}

{% macro bigquery__raw_row(columns) -%}
to_json_string(struct({% for c in columns %}{{ quoted(c) }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro snowflake__raw_row(columns) -%}
to_json(object_construct_keep_null({% for c in columns %}'{{ c | replace("'", "''") }}', {{ quoted(c) }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{# adapter.quote does not mind quotes inside a name. #}
{% macro quoted(name) %}{{ return(adapter.dispatch('quoted')(name)) }}{% endmacro %}
{% macro default__quoted(name) %}{{ return(adapter.quote(name | replace('"', '""'))) }}{% endmacro %}
{% macro spark__quoted(name) %}{{ return(adapter.quote(name | replace('`', '``'))) }}{% endmacro %}
{% macro bigquery__quoted(name) %}{{ return(adapter.quote(name | replace('`', '\\`'))) }}{% endmacro %}

{# A text that is equal for two rows exactly when every source column is. #}
{% macro row_fingerprint(columns) %}{{ return(dbt.hash(raw_row(columns))) }}{% endmacro %}

{# Whole-number division that drops the fraction; both sides whole and not negative. #}
{% macro whole_divide(a, b) %}{{ return(adapter.dispatch('whole_divide')(a, b)) }}{% endmacro %}
{% macro default__whole_divide(a, b) %}(({{ a }}) div ({{ b }})){% endmacro %}
{% macro duckdb__whole_divide(a, b) %}(({{ a }}) // ({{ b }})){% endmacro %}
{% macro bigquery__whole_divide(a, b) %}div({{ a }}, {{ b }}){% endmacro %}
{% macro snowflake__whole_divide(a, b) %}trunc(({{ a }}) / ({{ b }})){% endmacro %}

{# The widest whole number: money in ten-thousandths, times days, does not fit 64 bits. #}
{% macro type_wide() %}{{ return(adapter.dispatch('type_wide')()) }}{% endmacro %}
{% macro default__type_wide() %}decimal(38, 0){% endmacro %}
{% macro duckdb__type_wide() %}hugeint{% endmacro %}
{% macro bigquery__type_wide() %}bignumeric{% endmacro %}

{% macro type_amount() %}{{ return(adapter.dispatch('type_amount')()) }}{% endmacro %}
{% macro default__type_amount() %}decimal(18, 4){% endmacro %}
{% macro bigquery__type_amount() %}numeric{% endmacro %}

{# The exact product of two amounts, rounded once to four places. #}
{% macro money_product(a, b) %}{{ return(adapter.dispatch('money_product')(a, b)) }}{% endmacro %}
{% macro default__money_product(a, b) %}cast({{ a }} * {{ b }} as {{ type_amount() }}){% endmacro %}
{# 18 digits hold the product of everyday amounts, and are several times as fast as 38. #}
{% macro duckdb__money_product(a, b) -%}
case
    when abs({{ a }}) < 10000 and abs({{ b }}) < 100000 then cast({{ a }} * {{ b }} as {{ type_amount() }})
    else cast(cast({{ a }} as decimal(38, 4)) * {{ b }} as {{ type_amount() }})
end
{%- endmacro %}
{% macro bigquery__money_product(a, b) %}round({{ a }} * {{ b }}, 4){% endmacro %}

{# A whole number of ten-thousandths as money. #}
{% macro ten_thousandths(whole) %}{{ return(adapter.dispatch('ten_thousandths')(whole)) }}{% endmacro %}
{% macro default__ten_thousandths(whole) %}(cast({{ whole }} as decimal(38, 0)) * cast(0.0001 as decimal(4, 4))){% endmacro %}
{% macro bigquery__ten_thousandths(whole) %}(cast({{ whole }} as bignumeric) * cast('0.0001' as bignumeric)){% endmacro %}

{% macro type_double() %}{{ return(adapter.dispatch('type_double')()) }}{% endmacro %}
{% macro default__type_double() %}double{% endmacro %}
{% macro bigquery__type_double() %}float64{% endmacro %}

{# dbt's safe_cast raises on DuckDB. #}
{% macro as_double_or_null(text) %}{{ return(adapter.dispatch('as_double_or_null')(text)) }}{% endmacro %}
{% macro default__as_double_or_null(text) %}try_cast({{ text }} as double){% endmacro %}
{% macro bigquery__as_double_or_null(text) %}safe_cast({{ text }} as float64){% endmacro %}
