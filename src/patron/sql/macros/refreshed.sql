{# The materialisation of models that say `refreshed(...)`: see refresh.sql. #}

{% materialization refreshed, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set keeps_removed = config.get('meta').get('keeps_removed', false) -%}
    {{ run_hooks(pre_hooks) }}
    {% if existing is not none and existing.is_view %} {{ adapter.drop_relation(existing) }} {% endif %}
    {% if in_part(model.name) -%}
        {%- if keeps_removed %}{{ remember_removed(target) }}{% endif -%}
        {{ replace_groups(target, compiled_code) }}
    {%- else -%}
        {% call statement('main') %}{{ whole_table(target, compiled_code) }}{% endcall %}
        {%- if keeps_removed %}
            {% call statement('forget') %}{{ whole_table(removed_rows(this.name), 'select * from ' ~ target ~ ' where 1 = 0') }}{% endcall %}
        {%- endif -%}
    {%- endif %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro groups_to_replace(target) -%}
{%- set columns = model.config.meta['refreshed_by'] -%}
{%- if model.config.meta.get('follows') -%} {{ affected_groups(model) }}
{%- else -%} select distinct {{ columns[0] }} from {{ target }} where {{ is_new(columns[0]) }}
{%- endif -%}
{%- endmacro %}

{# Rows that are about to be replaced, for those who must know what an order's customer or day was before. They stay
   until a build is complete, so that a run that was killed forgets nothing. #}
{% macro removed_rows(name) %}changes.removed_{{ name }}{% endmacro %}

{% macro remember_removed(target) -%}
{%- if refresh_plan()['is_complete'] -%}
    {% call statement('forget') %}delete from {{ removed_rows(this.name) }} where 1 = 1{% endcall %}
{%- endif -%}
{% call statement('remember') %}insert into {{ removed_rows(this.name) }} select * from {{ rows_of_groups(target, model) }} as old_rows{% endcall %}
{%- endmacro %}
