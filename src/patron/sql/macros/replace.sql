{# How each engine writes a whole table, and puts new rows in the place of old ones. #}

{% macro whole_table(relation, sql) %}{{ return(adapter.dispatch('whole_table')(relation, sql)) }}{% endmacro %}
{% macro default__whole_table(relation, sql) -%}
create or replace table {{ relation }} as ({{ sql }})
{%- endmacro %}
{% macro spark__whole_table(relation, sql) -%}
create or replace table {{ relation }} using delta as {{ sql }}
{%- endmacro %}

{# The old rows of affected groups out, the new ones in, as one step. #}
{% macro replace_groups(target, sql) %}{{ return(adapter.dispatch('replace_groups')(target, sql)) }}{% endmacro %}

{% macro default__replace_groups(target, sql) -%}
{%- set columns = model.config.meta['refreshed_by'] -%}
{%- set own = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
{% call statement('main') -%}
merge into {{ target }} as old_rows
using (
    select {{ own | join(', ') }}, 1 as _is_new from ({{ sql }}) as computed
    union all
    select
        {% for name in own %}{{ 'redone.' ~ name if name in columns else 'null as ' ~ name }}, {% endfor %}
        0 as _is_new
    from ({{ groups_to_replace(target) }}) as redone
) as new_rows
on new_rows._is_new = 0
    {%- for column in columns %} and old_rows.{{ column }} = new_rows.{{ column }}{% endfor %}
when matched then delete
when not matched and new_rows._is_new = 1 then insert ({{ own | join(', ') }})
    values ({% for name in own %}new_rows.{{ name }}{{ ', ' if not loop.last }}{% endfor %})
{%- endcall %}
{%- endmacro %}

{# A transaction is one step too, and a temporary table and two plain statements are faster than a merge. #}
{% macro duckdb__replace_groups(target, sql) -%}
{%- set columns = model.config.meta['refreshed_by'] -%}
{% call statement('compute') %}create or replace temp table computed_rows as ({{ sql }}){% endcall %}
{% call statement('remove') -%}
delete from {{ target }} as old_rows using ({{ groups_to_replace(target) }}) as redone
where {% for column in columns %}old_rows.{{ column }} = redone.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endcall %}
{% call statement('main') %}insert into {{ target }} by name select * from computed_rows{% endcall %}
{% call statement('tidy') %}drop table computed_rows{% endcall %}
{%- endmacro %}
