{% macro source_relation(name) %}{{ return(source('bronze', name)) }}{% endmacro %}
