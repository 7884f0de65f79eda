{# dbt-spark writes a seed's texts between quotes as they are, so that "Can't" ends its own quotes and a blank cell
   becomes the word None. It also drops the table first, which leaves a Delta table's files behind. #}

{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
{{ return(create_csv_table(model, agate_table)) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
{%- set types = model['config'].get('column_types', {}) -%}
{%- set sql -%}
create or replace table {{ this.render() }} (
    {%- for name in agate_table.column_names %}
    {{ name }} {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}{{ ',' if not loop.last }}
    {%- endfor %}
) {{ file_format_clause() }}
{%- endset -%}
{%- call statement('_') %}{{ sql }}{% endcall -%}
{{ return(sql) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
{%- set sql -%}
insert into {{ this.render() }} values
{%- for row in agate_table.rows %}
({% for cell in row %}{{ seed_cell(cell) }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
{%- endfor %}
{%- endset -%}
{%- do adapter.add_query(sql, abridge_sql_log=True) -%}
{{ return(sql) }}
{%- endmacro %}

{% macro seed_cell(cell) -%}
{%- if cell is none -%}null
{%- elif cell is string -%}'{{ dbt.escape_single_quotes(cell | replace('\\', '\\\\')) }}'
{%- else -%}{{ cell }}
{%- endif -%}
{%- endmacro %}
