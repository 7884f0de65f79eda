{# Schemas keep their names: no prefix from the profile. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
{{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{# The first line of a gold table that selects columns of another: a view, which is written once, when it is published.
   Spark's local catalogue forgets views when a process ends. #}
{% macro projection() -%}
{{ config(materialized='table' if target.type == 'spark' else 'view') }}
{%- endmacro %}
