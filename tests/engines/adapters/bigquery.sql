{# The cross-database macros as dbt-bigquery 1.11 has them. #}

{% macro bigquery__dateadd(datepart, interval, from_date_or_timestamp) %}
    datetime_add(cast({{ from_date_or_timestamp }} as datetime), interval {{ interval }} {{ datepart }})
{% endmacro %}

{% macro bigquery__datediff(first_date, second_date, datepart) -%}
    {% if dbt.type_string() == 'string' and datepart == 'week' %}
    datetime_diff(cast({{ second_date }} as datetime), cast({{ first_date }} as datetime), isoweek)
    {% else %}
    datetime_diff(cast({{ second_date }} as datetime), cast({{ first_date }} as datetime), {{ datepart }})
    {% endif %}
{%- endmacro %}

{% macro bigquery__date_trunc(datepart, date) -%}
    timestamp_trunc(cast({{ date }} as timestamp), {{ datepart }})
{%- endmacro %}

{% macro bigquery__hash(field) -%}
    to_hex({{ dbt.default__hash(field) }})
{%- endmacro %}

{% macro bigquery__escape_single_quotes(expression) -%}
{{ expression | replace("'", "\\'") }}
{%- endmacro %}

{% macro bigquery__safe_cast(field, type) %}safe_cast({{ field }} as {{ type }}){% endmacro %}

{% macro bigquery__last_day(date, datepart) -%}
    last_day(cast({{ date }} as date), {{ datepart }})
{%- endmacro %}

{% macro bigquery__position(substring_text, string_text) %}strpos({{ string_text }}, {{ substring_text }}){% endmacro %}

{% macro bigquery__concat(fields) -%}concat({{ fields | join(', ') }}){%- endmacro %}
