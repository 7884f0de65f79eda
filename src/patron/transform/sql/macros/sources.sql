{# A source's rows as the mapping reads them: those of bronze, plus columns that are looked up or rebuilt. #}
{% macro source_relation(name) -%}
{{ return(ref('rows_' ~ name) if name in var('sources_with_own_rows') else source('bronze', name)) }}
{%- endmacro %}

{# A source's rows as the mapping of one entity reads them: with the values inside of columns, or the elements of lists.
   pair: one of var('accounted'). #}
{% macro entity_relation(pair) -%}
{{ return(ref(pair['rows']) if pair['rows'] else source_relation(pair['source'])) }}
{%- endmacro %}

{# The rows that landed, and nothing else. #}
{% macro bronze_relation(name) %}{{ return(source('bronze', name)) }}{% endmacro %}
