{# A source's rows as the mapping reads them: those of bronze, plus columns that are looked up or rebuilt. #}
{% macro source_relation(name) -%}
{{ return(ref('rows_' ~ name) if name in var('sources_with_own_rows') else source('bronze', name)) }}
{%- endmacro %}

{# The rows that landed, and nothing else. #}
{% macro bronze_relation(name) %}{{ return(source('bronze', name)) }}{% endmacro %}
