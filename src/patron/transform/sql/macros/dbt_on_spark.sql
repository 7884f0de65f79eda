{# What dbt-spark does otherwise than a seed on Delta needs. patron's own runs use none of this.

   Its session method writes texts between quotes as they are, so that one with an apostrophe is no SQL; and it drops a
   table to load a seed again, which leaves the files of one that an earlier session made, with their rows. #}

{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
{{ return(create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro spark__create_csv_table(model, agate_table) %}
{%- set columns = [] -%}
{%- for name in agate_table.column_names -%}
    {%- do columns.append(quote_name(name) ~ ' ' ~ seed_type(model, agate_table, loop.index0)) -%}
{%- endfor -%}
{%- set sql = 'create or replace table ' ~ this ~ ' (' ~ columns | join(', ') ~ ') ' ~ table_format() -%}
{%- call statement('_') %}{{ sql }}{% endcall -%}
{{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
{%- set rows = [] -%}
{%- for row in agate_table.rows -%}
    {%- set cells = [] -%}
    {%- for value in row -%}
        {%- set cell = 'null' if value is none else "'" ~ escape_text(value | string) ~ "'" -%}
        {%- do cells.append('cast(' ~ cell ~ ' as ' ~ seed_type(model, agate_table, loop.index0) ~ ')') -%}
    {%- endfor -%}
    {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
{%- endfor -%}
{%- set sql = 'insert into ' ~ this ~ ' values ' ~ rows | join(', ') -%}
{%- if rows %}{% do adapter.add_query(sql, abridge_sql_log=True) %}{% endif -%}
{{ return(sql) }}
{% endmacro %}

{% macro seed_type(model, agate_table, number) -%}
{%- set name = agate_table.column_names[number] -%}
{{ return(model['config'].get('column_types', {}).get(name, adapter.convert_type(agate_table, number))) }}
{%- endmacro %}
