{# Schemas keep their names: no prefix from the profile. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
{{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{# The first line of a measure that selects columns of others and has few readers: a view. A table on an engine that forgets
   views when a session ends. #}
{% macro projection() -%}
{{ config(materialized='table' if var('forgets_views') else 'view') }}
{%- endmacro %}
