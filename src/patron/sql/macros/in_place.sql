{# DuckDB replaces a table, or a view, in one statement. dbt would build aside, rename twice and drop, as engines need that
   cannot: some ten milliseconds for each of many models, in every run. #}

{% materialization table, adapter='duckdb' %}
    {{ return(put_in_place('table', 'view', whole_table(this, compiled_code))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(put_in_place('view', 'table', 'create or replace view ' ~ this ~ ' as (\n' ~ compiled_code ~ '\n)')) }}
{% endmaterialization %}

{% macro put_in_place(kind, other, create) -%}
    {%- set existing, target = load_cached_relation(this), this.incorporate(type=kind) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and existing.type == other %}{% do adapter.drop_relation(existing) %}{% endif -%}
    {%- call statement('main') %}{{ create }}{% endcall -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{%- endmacro %}
