{# Everything that engines spell differently. The cross-database macros that dbt ships are not used, so that the project
   compiles to the same SQL with and without dbt. #}

{# The source's own columns of a row as JSON text. #}
{% macro raw_row(columns) -%}
{%- set values = [] -%}
{%- for c in columns %}{% do values.append(quote_name(c)) %}{% endfor -%}
{{ json_row(columns, values) }}
{%- endmacro %}

{# Names and the SQL of their values, as the JSON text of one object. #}
{% macro json_row(names, values) %}{{ return(adapter.dispatch('json_row')(names, values)) }}{% endmacro %}

{% macro default__json_row(names, values) -%}
to_json(named_struct({% for c in names %}'{{ escape_text(c) }}', {{ values[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}), map('ignoreNullFields', 'false'))
{%- endmacro %}

{% macro duckdb__json_row(names, values) -%}
cast(to_json(struct_pack({% for c in names %}{{ quote_name(c) }} := {{ values[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %})) as text)
{%- endmacro %}

{% macro bigquery__json_row(names, values) -%}
to_json_string(struct({% for c in names %}{{ values[loop.index0] }} as {{ quote_name(c) }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro snowflake__json_row(names, values) -%}
to_json(object_construct_keep_null({% for c in names %}'{{ escape_text(c) }}', {{ values[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}))
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

{# A column that holds lists or objects of its own, as JSON text. #}
{% macro json_text(column) %}{{ return(adapter.dispatch('json_text')(column)) }}{% endmacro %}
{% macro default__json_text(column) %}to_json({{ column }}){% endmacro %}
{% macro duckdb__json_text(column) %}cast(to_json({{ column }}) as text){% endmacro %}
{% macro bigquery__json_text(column) %}to_json_string({{ column }}){% endmacro %}
{% macro snowflake__json_text(column) %}to_json({{ column }}){% endmacro %}

{# The fields of a JSON text under some keys, for json_field to take one out; null if the text is not an object. The text
   is read once, however many the keys. #}
{% macro json_fields(text, keys) %}{{ return(adapter.dispatch('json_fields')(text, keys)) }}{% endmacro %}

{% macro default__json_fields(text, keys) -%}
case when substring(trim({{ text }}), 1, 1) = '{' then from_json({{ text }}, 'map<string, string>') end
{%- endmacro %}

{% macro duckdb__json_fields(text, keys) -%}
{%- set paths = [] -%}
{%- for key in keys -%}
{%- do paths.append("'/" ~ key | replace("~", "~0") | replace("/", "~1") | replace("'", "''") ~ "'") -%}
{%- endfor -%}
case when substring(trim({{ text }}), 1, 1) = '{' then try(json_extract_string({{ text }}, [{{ paths | join(', ') }}])) end
{%- endmacro %}

{% macro bigquery__json_fields(text, keys) -%}
case when substring(trim({{ text }}), 1, 1) = '{' then {{ text }} end
{%- endmacro %}

{% macro snowflake__json_fields(text, keys) -%}
case when substring(trim({{ text }}), 1, 1) = '{' then try_parse_json({{ text }}) end
{%- endmacro %}

{# One of the fields: the text of a word or number, the JSON text of a list or object, null for null. number: its place
   among the keys. #}
{% macro json_field(fields, number, key) %}{{ return(adapter.dispatch('json_field')(fields, number, key)) }}{% endmacro %}

{% macro default__json_field(fields, number, key) -%}
try_element_at({{ fields }}, '{{ key | replace("\\", "\\\\") | replace("'", "\\'") }}')
{%- endmacro %}

{% macro duckdb__json_field(fields, number, key) %}{{ fields }}[{{ number }}]{% endmacro %}

{% macro bigquery__json_field(fields, number, key) -%}
{%- set path = "'$.\"" ~ key | replace("\\", "\\\\") | replace('"', '\\"') | replace("'", "\\'") ~ "\"'" -%}
coalesce(json_value({{ fields }}, {{ path }}), nullif(json_query({{ fields }}, {{ path }}), 'null'))
{%- endmacro %}

{% macro snowflake__json_field(fields, number, key) -%}
cast(get({{ fields }}, '{{ key | replace("\\", "\\\\") | replace("'", "''") }}') as text)
{%- endmacro %}

{# The elements of a JSON text as an array of texts: of a list its elements, of nothing none, else the text itself.
   is_unknown: a condition under which there is one element, null. #}
{% macro json_elements(text, is_unknown) %}{{ return(adapter.dispatch('json_elements')(text, is_unknown)) }}{% endmacro %}

{% macro default__json_elements(text, is_unknown) -%}
case
    when {{ is_unknown }} then array(cast(null as string))
    when substring(trim({{ text }}), 1, 1) = '[' then coalesce(from_json({{ text }}, 'array<string>'), array({{ text }}))
    when trim({{ text }}) <> '' then array({{ text }})
end
{%- endmacro %}

{% macro duckdb__json_elements(text, is_unknown) -%}
case
    when {{ is_unknown }} then [cast(null as text)]
    when substring(trim({{ text }}), 1, 1) = '[' then coalesce(try(json_extract_string({{ text }}, '$[*]')), [{{ text }}])
    when trim({{ text }}) <> '' then [{{ text }}]
end
{%- endmacro %}

{% macro bigquery__json_elements(text, is_unknown) -%}
case
    when {{ is_unknown }} then [cast(null as string)]
    when substring(trim({{ text }}), 1, 1) = '['
        then array(select coalesce(json_value(element), element) from unnest(json_query_array({{ text }})) as element)
    when trim({{ text }}) <> '' then [{{ text }}]
end
{%- endmacro %}

{% macro snowflake__json_elements(text, is_unknown) -%}
case
    when {{ is_unknown }} then array_construct(null)
    when substring(trim({{ text }}), 1, 1) = '[' then coalesce(try_parse_json({{ text }}), array_construct({{ text }}))
    when trim({{ text }}) <> '' then array_construct({{ text }})
end
{%- endmacro %}

{# A row for each element of an array: the columns of a select, and what follows its relation. alias: of the relation.
   place: counts from 0. #}
{% macro element_columns(alias, array, element, place) -%}
{{ return(adapter.dispatch('element_columns')(alias, array, element, place)) }}
{%- endmacro %}
{% macro default__element_columns(alias, array, element, place) %}*{% endmacro %}

{% macro duckdb__element_columns(alias, array, element, place) -%}
*, unnest({{ array }}) as {{ element }}, generate_subscripts({{ array }}, 1) - 1 as {{ place }}
{%- endmacro %}

{% macro snowflake__element_columns(alias, array, element, place) -%}
{{ alias }}.*, cast(each{{ element }}.value as text) as {{ element }}, each{{ element }}.index as {{ place }}
{%- endmacro %}

{% macro element_join(alias, array, element, place) -%}
{{ return(adapter.dispatch('element_join')(alias, array, element, place)) }}
{%- endmacro %}
{% macro default__element_join(alias, array, element, place) %} lateral view posexplode({{ array }}) as {{ place }}, {{ element }}{% endmacro %}
{% macro duckdb__element_join(alias, array, element, place) %}{% endmacro %}
{% macro bigquery__element_join(alias, array, element, place) %} cross join unnest({{ array }}) as {{ element }} with offset as {{ place }}{% endmacro %}
{% macro snowflake__element_join(alias, array, element, place) %}, lateral flatten(input => {{ alias }}.{{ array }}) as each{{ element }}{% endmacro %}

{# One row per name, with the columns customer_id, attribute and answer. rows: a relation of customer_id and
   attributes, a JSON text. Without names there are no rows. #}
{% macro attribute_rows(rows, names) %}{{ return(adapter.dispatch('attribute_rows')(rows, names)) }}{% endmacro %}

{% macro default__attribute_rows(rows, names) -%}
{%- for name in names -%}
select customer_id, '{{ escape_text(name) }}' as attribute, {{ json_value('attributes', name) }} as answer from {{ rows }}
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
{% macro quote_name(name) %}{{ return(adapter.dispatch('quote_name')(name)) }}{% endmacro %}
{% macro default__quote_name(name) %}{{ return(adapter.quote(name | replace('"', '""'))) }}{% endmacro %}
{% macro spark__quote_name(name) %}{{ return(adapter.quote(name | replace('`', '``'))) }}{% endmacro %}
{% macro bigquery__quote_name(name) %}{{ return(adapter.quote(name | replace('`', '\\`'))) }}{% endmacro %}

{# A text as it stands between single quotes. #}
{% macro escape_text(text) %}{{ return(adapter.dispatch('escape_text')(text)) }}{% endmacro %}
{% macro default__escape_text(text) %}{{ return(text | replace("'", "''")) }}{% endmacro %}
{% macro spark__escape_text(text) %}{{ return(text | replace("\\", "\\\\") | replace("'", "\\'")) }}{% endmacro %}
{% macro bigquery__escape_text(text) %}{{ return(text | replace("\\", "\\\\") | replace("'", "\\'") | replace("\n", "\\n") | replace("\r", "\\r")) }}{% endmacro %}
{% macro snowflake__escape_text(text) %}{{ return(text | replace("\\", "\\\\") | replace("'", "''")) }}{% endmacro %}

{% macro type_text() %}{{ return(adapter.dispatch('type_text')()) }}{% endmacro %}
{% macro default__type_text() %}string{% endmacro %}
{% macro duckdb__type_text() %}text{% endmacro %}
{% macro snowflake__type_text() %}text{% endmacro %}

{# The MD5 of a value's text, in hexadecimal. #}
{% macro text_hash(value) %}{{ return(adapter.dispatch('text_hash')(value)) }}{% endmacro %}
{% macro default__text_hash(value) %}md5(cast({{ value }} as {{ type_text() }})){% endmacro %}
{% macro bigquery__text_hash(value) %}to_hex(md5(cast({{ value }} as string))){% endmacro %}

{# Where a part first stands in a text: 1 at its beginning, 0 nowhere. #}
{% macro position_in(part, text) %}{{ return(adapter.dispatch('position_in')(part, text)) }}{% endmacro %}
{% macro default__position_in(part, text) %}position({{ part }} in {{ text }}){% endmacro %}
{% macro bigquery__position_in(part, text) %}strpos({{ text }}, {{ part }}){% endmacro %}

{# The part of a text between two marks, counted from 1. #}
{% macro text_part(text, mark, number) %}{{ return(adapter.dispatch('text_part')(text, mark, number)) }}{% endmacro %}
{% macro default__text_part(text, mark, number) %}split_part({{ text }}, {{ mark }}, {{ number }}){% endmacro %}
{% macro bigquery__text_part(text, mark, number) %}split({{ text }}, {{ mark }})[safe_ordinal({{ number }})]{% endmacro %}

{# A text that is equal for two rows if and only if every source column is. #}
{% macro row_fingerprint(columns) %}{{ return(text_hash(raw_row(columns))) }}{% endmacro %}

{# Whole-number division that drops the fraction; both sides whole and not negative. #}
{% macro whole_divide(a, b) %}{{ return(adapter.dispatch('whole_divide')(a, b)) }}{% endmacro %}
{% macro default__whole_divide(a, b) %}(({{ a }}) div ({{ b }})){% endmacro %}
{% macro duckdb__whole_divide(a, b) %}(({{ a }}) // ({{ b }})){% endmacro %}
{% macro bigquery__whole_divide(a, b) %}div({{ a }}, {{ b }}){% endmacro %}
{# Its quotients are rounded at the sixth place, which would lift 0.9999999 to 1: only what divides evenly is divided. #}
{% macro snowflake__whole_divide(a, b) %}cast((({{ a }}) - mod({{ a }}, {{ b }})) / ({{ b }}) as decimal(38, 0)){% endmacro %}

{# The widest whole number: money in ten-thousandths, times days, does not fit 64 bits. #}
{% macro type_wide() %}{{ return(adapter.dispatch('type_wide')()) }}{% endmacro %}
{% macro default__type_wide() %}decimal(38, 0){% endmacro %}
{% macro duckdb__type_wide() %}hugeint{% endmacro %}
{% macro bigquery__type_wide() %}bignumeric{% endmacro %}

{% macro type_amount() %}{{ return(adapter.dispatch('type_amount')()) }}{% endmacro %}
{% macro default__type_amount() %}decimal(18, 4){% endmacro %}
{% macro bigquery__type_amount() %}numeric{% endmacro %}

{# The sums of a customer, an order, a day or the shop: wider than the amounts of lines, which 18 digits hold faster. #}
{% macro type_total() %}{{ return(adapter.dispatch('type_total')()) }}{% endmacro %}
{% macro default__type_total() %}decimal(38, 4){% endmacro %}
{% macro bigquery__type_total() %}bignumeric{% endmacro %}

{# A sum of whole numbers that 64 bits may not hold. #}
{% macro type_whole_total() %}{{ return(adapter.dispatch('type_whole_total')()) }}{% endmacro %}
{% macro default__type_whole_total() %}decimal(38, 0){% endmacro %}
{% macro bigquery__type_whole_total() %}bignumeric{% endmacro %}

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

{# How a table that dbt does not make is stored. #}
{% macro table_format() %}{{ return(adapter.dispatch('table_format')()) }}{% endmacro %}
{% macro default__table_format() %}{% endmacro %}
{% macro spark__table_format() %}using delta{% endmacro %}

{# How dbt takes the new rows of an incremental model in: by its key; whole days at once where the engine can. by: the
   columns that name its groups. #}
{% macro incremental_strategy(by) %}{{ return(adapter.dispatch('incremental_strategy')(by)) }}{% endmacro %}
{% macro default__incremental_strategy(by) %}{{ return('merge') }}{% endmacro %}
{% macro bigquery__incremental_strategy(by) %}{{ return('insert_overwrite' if day_partition(by) else 'merge') }}{% endmacro %}

{# The partitions of a table whose groups are days, where the engine names them in the settings of the table. #}
{% macro day_partition(by) %}{{ return(adapter.dispatch('day_partition')(by)) }}{% endmacro %}
{% macro default__day_partition(by) %}{{ return(none) }}{% endmacro %}
{% macro bigquery__day_partition(by) -%}
{{ return({'field': 'order_date', 'data_type': 'date'} if by == ['order_date'] else none) }}
{%- endmacro %}
