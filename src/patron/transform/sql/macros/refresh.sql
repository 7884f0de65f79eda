{# How a model is brought up to date.

   An incremental model says which columns name its groups (`refreshed_by`: a customer, a day, a landing) and reads its
   inputs through `affected` or `new_rows`. A run then recomputes the groups that new rows affect, from all of their
   input as a full build would, and replaces them in one step (patron/transform/materialize.py). So its table always
   equals that of a full build, at a cost in proportion to what changed. Doing it twice does no harm, which makes it safe to
   repeat a run that was killed.

   `follows` names the model whose rows say which groups are affected; without it, they are those of new landings.

   PATRON_REFRESH requests the incremental SQL. Where dbt runs alone, it plans by its own last build (dbt_builds.sql). #}

{% macro refresh_plan() -%}
{%- if not execute %}{{ return(none) }}{% endif -%}
{%- set requested = env_var('PATRON_REFRESH', '') -%}
{{ return(fromjson(requested) if requested else find_dbt_plan()) }}
{%- endmacro %}

{# The first line of a model. by: the columns that name its groups. follows: the model that says which are affected.
   keeps_removed: whether replaced rows are kept until the build is complete. #}
{% macro refresh(by, follows=none, keeps_removed=false) -%}
{%- if follows %}{% set followed = ref(follows) %}{% endif -%}
{{ config(
    materialized='incremental',
    meta={'refreshed_by': by, 'follows': follows, 'keeps_removed': keeps_removed},
    incremental_strategy=incremental_strategy(by),
    partition_by=day_partition(by),
    cluster_by=by,
    liquid_clustered_by=by,
    pre_hook=['{{ keep_affected_rows() }}', '{{ delete_affected_rows() }}'],
    post_hook=['{{ forget_removed_rows() }}']
) }}
{%- endmacro %}

{# Whether the incremental SQL is requested. #}
{% macro is_incremental_build() %}{{ return(refresh_plan() is not none) }}{% endmacro %}

{# Landings after the last complete build. #}
{% macro is_new(column='_batch_id') -%}
{{ column }} > {{ refresh_plan()['since_batch'] }}
{%- endmacro %}

{# The rows of a staged entity, or of a source, that a refresh takes in: those of new landings, or all. #}
{% macro new_rows(rows) -%}
{%- if is_incremental_build() -%} (select * from {{ rows }} where {{ is_new() }}) {%- else -%} {{ rows }} {%- endif -%}
{%- endmacro %}

{# The rows that a refresh reads: those of the affected groups, or all. rows: a relation, or a select in brackets. #}
{% macro affected(rows) -%}
{%- if is_incremental_build() -%} {{ rows_of_groups(rows, model) }} {%- else -%} {{ rows }} {%- endif -%}
{%- endmacro %}

{# patron writes the affected groups to a table, one row each, before a model or its tests read them. #}
{% macro rows_of_groups(rows, node) -%}
{%- set columns = node.config.meta['refreshed_by'] -%}
{%- if not node.config.meta.get('follows') -%}
(select * from {{ rows }} where {{ is_new(columns[0]) }})
{%- else -%}
(
    select every_row.*
    from {{ rows }} as every_row
    inner join {{ affected_groups(node) if refresh_plan().get('by_dbt') else 'affected_' ~ node.name }} as affected_groups
        on {% for column in columns %}every_row.{{ column }} = affected_groups.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
)
{%- endif -%}
{%- endmacro %}

{# Rows of a silver model that were replaced since the last complete build. #}
{% macro removed_rows(name) %}changes.removed_{{ name }}{% endmacro %}

{# What a data test reads: in a run of patron, the recomputed groups; otherwise, and in `patron check`, the full table. #}
{% macro rows_to_test(rows) -%}
{%- set node = graph.nodes.get(model.attached_node) if execute else none -%}
{%- set is_refreshed = node is not none and node.config.meta.get('refreshed_by') -%}
{%- if is_refreshed and is_incremental_build() and not refresh_plan().get('by_dbt') -%}
{{ rows_of_groups(rows, node) }}
{%- else -%} {{ rows }}
{%- endif -%}
{%- endmacro %}
