{% macro days_between(first_date, last_date) %}{{ return(adapter.dispatch('days_between')(first_date, last_date)) }}{% endmacro %}
{% macro default__days_between(first_date, last_date) %}datediff(day, {{ first_date }}, {{ last_date }}){% endmacro %}
{% macro duckdb__days_between(first_date, last_date) -%}
date_diff('day', cast({{ first_date }} as date), cast({{ last_date }} as date))
{%- endmacro %}
{% macro bigquery__days_between(first_date, last_date) -%}
date_diff(cast({{ last_date }} as date), cast({{ first_date }} as date), day)
{%- endmacro %}

{% macro plus_days(date, days) %}{{ return(adapter.dispatch('plus_days')(date, days)) }}{% endmacro %}
{% macro default__plus_days(date, days) %}cast(dateadd(day, {{ days }}, {{ date }}) as date){% endmacro %}
{% macro duckdb__plus_days(date, days) %}cast({{ date }} + cast({{ days }} as bigint) * interval 1 day as date){% endmacro %}
{% macro bigquery__plus_days(date, days) %}date_add(cast({{ date }} as date), interval {{ days }} day){% endmacro %}

{% macro spark__days_between(first_date, last_date) %}datediff({{ last_date }}, {{ first_date }}){% endmacro %}
{% macro spark__plus_days(date, days) %}date_add({{ date }}, cast({{ days }} as int)){% endmacro %}

{# A full hour of a day, as a time without a timezone. #}
{% macro at_hour(date, hour) %}{{ return(adapter.dispatch('at_hour')(date, hour)) }}{% endmacro %}
{% macro default__at_hour(date, hour) %}(cast({{ date }} as timestamp_ntz) + make_dt_interval(0, {{ hour }}, 0, 0)){% endmacro %}
{% macro duckdb__at_hour(date, hour) %}(cast({{ date }} as timestamp) + to_hours({{ hour }})){% endmacro %}
{% macro bigquery__at_hour(date, hour) %}datetime_add(cast({{ date }} as datetime), interval {{ hour }} hour){% endmacro %}
{% macro snowflake__at_hour(date, hour) %}dateadd(hour, {{ hour }}, cast({{ date }} as timestamp_ntz)){% endmacro %}
{% macro seconds_apart(first_time, last_time) %}{{ return(adapter.dispatch('seconds_apart')(first_time, last_time)) }}{% endmacro %}
{% macro default__seconds_apart(first_time, last_time) %}datediff(second, {{ first_time }}, {{ last_time }}){% endmacro %}
{% macro duckdb__seconds_apart(first_time, last_time) -%}
date_diff('second', cast({{ first_time }} as timestamp), cast({{ last_time }} as timestamp))
{%- endmacro %}
{% macro bigquery__seconds_apart(first_time, last_time) -%}
datetime_diff(cast({{ last_time }} as datetime), cast({{ first_time }} as datetime), second)
{%- endmacro %}
{% macro spark__seconds_apart(first_time, last_time) %}timestampdiff(second, {{ first_time }}, {{ last_time }}){% endmacro %}

{# 1 Monday .. 7 Sunday on every engine: 1900-01-01 was a Monday. #}
{% macro iso_weekday(date) -%}
(mod({{ days_between("cast('1900-01-01' as date)", date) }}, 7) + 1)
{%- endmacro %}

{# The first day of the month, quarter or year that a day or time belongs to. #}
{% macro first_day_of(period, date) %}{{ return(adapter.dispatch('first_day_of')(period, date)) }}{% endmacro %}
{% macro default__first_day_of(period, date) %}cast(date_trunc('{{ period }}', {{ date }}) as date){% endmacro %}
{% macro bigquery__first_day_of(period, date) %}date_trunc(cast({{ date }} as date), {{ period }}){% endmacro %}

{# The first day of the week (Monday), month, quarter or year that a day belongs to; for days, the day itself. #}
{% macro period_start(period, date) -%}
{%- if period == 'day' -%} {{ date }}
{%- elif period == 'week' -%} {{ plus_days(date, '1 - ' ~ iso_weekday(date)) }}
{%- else -%} {{ first_day_of(period, date) }}
{%- endif -%}
{%- endmacro %}

{# The first day of the period after the one that starts on a day. #}
{% macro next_period_start(period, start) -%}
{%- set reach = {'day': 1, 'week': 7, 'month': 31, 'quarter': 92, 'year': 366}[period] -%}
{{ plus_days(start, 1) if period == 'day' else period_start(period, plus_days(start, reach)) }}
{%- endmacro %}

{# Why a period cannot be compared with others: null if all of its days were observed. #}
{% macro incomplete_reason(start, next_start, first_date, as_of_date) -%}
case
    when {{ next_start }} > {{ plus_days(as_of_date, 1) }}
    then 'not over yet'
    when {{ start }} < {{ first_date }}
    then 'began before the data'
end
{%- endmacro %}

{# The numbers 0 .. 10^digits - 1 as column n, without an engine's own series function. #}
{% macro whole_numbers(digits) -%}
select
    {% for place in range(digits) %}{{ ' + ' if not loop.first }}d{{ place }}.n * {{ 10 ** place }}{% endfor %} as n
from
    {% for place in range(digits) -%}
    {{ 'cross join ' if not loop.first }}(
        {% for digit in range(10) %}select {{ digit }} as n{{ ' union all ' if not loop.last }}{% endfor %}
    ) as d{{ place }}
    {% endfor %}
{%- endmacro %}

{# Months since the year 0: the difference of two is whole calendar months. #}
{% macro month_number(date) -%}
(extract(year from {{ date }}) * 12 + extract(month from {{ date }}))
{%- endmacro %}

{# Events begin in 1900 (contract.EVENT_DAYS); a shop without events is measured before that. #}
{% macro before_all_days() %}1899-12-31{% endmacro %}
