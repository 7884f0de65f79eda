{# The cross-database macros as dbt-snowflake 1.11 has them; for the rest it takes dbt's defaults. #}

{% macro snowflake__safe_cast(field, type) %}try_cast({{ field }} as {{ type }}){% endmacro %}

{% macro snowflake__right(string_text, length_expression) -%}
    case when {{ length_expression }} = 0 then '' else right({{ string_text }}, {{ length_expression }}) end
{%- endmacro %}

{% macro snowflake__bool_or(expression) -%}boolor_agg({{ expression }}){%- endmacro %}
