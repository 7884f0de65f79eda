{# Everything that engines spell differently and that dbt's own macros do not cover. #}

{# The source's own columns of a row as JSON text. #}
{% macro raw_row(columns) -%}
{%- set values = [] -%}
{%- for c in columns %}{% do values.append(quoted(c)) %}{% endfor -%}
{{ json_row(columns, values) }}
{%- endmacro %}

{# Names and the SQL of their values, as the JSON text of one object. #}
{% macro json_row(names, values) %}{{ return(adapter.dispatch('json_row')(names, values)) }}{% endmacro %}

{% macro default__json_row(names, values) -%}
to_json(named_struct({% for c in names %}'{{ c | replace("'", "\\'") }}', {{ values[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}), map('ignoreNullFields', 'false'))
{%- endmacro %}

{% macro duckdb__json_row(names, values) -%}
cast(to_json(struct_pack({% for c in names %}{{ quoted(c) }} := {{ values[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %})) as text)
{%- endmacro %}

{% macro bigquery__json_row(names, values) -%}
to_json_string(struct({% for c in names %}{{ values[loop.index0] }} as {{ quoted(c) }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro snowflake__json_row(names, values) -%}
to_json(object_construct_keep_null({% for c in names %}'{{ c | replace("'", "''") }}', {{ values[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{# The text that a JSON object has under a key; null if it has none. #}
{% macro json_value(column, key) %}{{ return(adapter.dispatch('json_value')(column, key)) }}{% endmacro %}

{% macro default__json_value(column, key) -%}
try_element_at(from_json({{ column }}, 'map<string, string>'), '{{ key | replace("\\", "\\\\") | replace("'", "\\'") }}')
{%- endmacro %}

{# As a JSON pointer, which allows any character. #}
{% macro duckdb__json_value(column, key) -%}
json_extract_string({{ column }}, '/{{ key | replace("~", "~0") | replace("/", "~1") | replace("'", "''") }}')
{%- endmacro %}

{% macro bigquery__json_value(column, key) -%}
json_value({{ column }}, '$."{{ key | replace("\\", "\\\\") | replace('"', '\\"') | replace("'", "\\'") }}"')
{%- endmacro %}

{% macro snowflake__json_value(column, key) -%}
cast(get(parse_json({{ column }}), '{{ key | replace("\\", "\\\\") | replace("'", "''") }}') as text)
{%- endmacro %}

{# One row per name, with the columns customer_id, attribute and answer. rows: a relation of customer_id and
   attributes, a JSON text. Without names there are no rows. #}
{% macro attribute_rows(rows, names) %}{{ return(adapter.dispatch('attribute_rows')(rows, names)) }}{% endmacro %}

{% macro default__attribute_rows(rows, names) -%}
{%- for name in names -%}
select customer_id, '{{ dbt.escape_single_quotes(name) }}' as attribute, {{ json_value('attributes', name) }} as answer from {{ rows }}
union all
{% endfor -%}
select customer_id, attributes as attribute, attributes as answer from {{ rows }} where 1 = 0
{%- endmacro %}

{# Reads each text once for all names. #}
{% macro duckdb__attribute_rows(rows, names) -%}
{%- set listed, paths = [], [] -%}
{%- for name in names -%}
{%- do listed.append("'" ~ name | replace("'", "''") ~ "'") -%}
{%- do paths.append("'/" ~ name | replace("~", "~0") | replace("/", "~1") | replace("'", "''") ~ "'") -%}
{%- endfor -%}
select
    customer_id,
    unnest(cast([{{ listed | join(', ') }}] as varchar[])) as attribute,
    unnest(json_extract_string(attributes, cast([{{ paths | join(', ') }}] as varchar[]))) as answer
from {{ rows }}
{%- endmacro %}

{# adapter.quote does not escape quotes inside a name. #}
{% macro quoted(name) %}{{ return(adapter.dispatch('quoted')(name)) }}{% endmacro %}
{% macro default__quoted(name) %}{{ return(adapter.quote(name | replace('"', '""'))) }}{% endmacro %}
{% macro spark__quoted(name) %}{{ return(adapter.quote(name | replace('`', '``'))) }}{% endmacro %}
{% macro bigquery__quoted(name) %}{{ return(adapter.quote(name | replace('`', '\\`'))) }}{% endmacro %}

{# A text that is equal for two rows if and only if every source column is. #}
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

{% macro type_steady() %}{{ return(adapter.dispatch('type_steady')()) }}{% endmacro %}
{% macro default__type_steady() %}decimal(38, 8){% endmacro %}
{% macro bigquery__type_steady() %}bignumeric{% endmacro %}

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
