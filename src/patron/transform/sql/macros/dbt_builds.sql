{# How dbt brings the tables up to date where it runs alone. patron's own runs use none of this.

   A build takes in what landed after the last complete one, which meta.dbt_builds records. A build is complete if every
   incremental model was built, and what those follow; all others are built in full whenever they are. A model's pre-hooks delete the groups that new rows affect, since a group may be gone,
   and dbt merges the new rows in. A build that fails is repeated from where the last complete one ended.

   Everything is built in full where nothing is known, with --full-refresh, and where a definition has changed, a table
   is gone, or a source has rows that others look up or that replace earlier ones. #}

{% macro find_dbt_plan() -%}
{%- if flags.WHICH not in ['build', 'run', 'retry'] or flags.FULL_REFRESH %}{{ return(none) }}{% endif -%}
{%- if 'patron_plan' not in graph -%}
    {# asked once for all models: a question takes a second on some engines #}
    {%- do graph.update({'patron_plan': plan_dbt_build()}) -%}
{%- endif -%}
{{ return(graph['patron_plan']) }}
{%- endmacro %}

{% macro plan_dbt_build() -%}
{%- set begun = run_query(
    "select highest_batch from " ~ dbt_builds() ~ " where invocation_id = '" ~ invocation_id ~ "' and not is_complete"
) -%}
{%- set last = run_query(
    "select highest_batch, as_of_date, definitions from " ~ dbt_builds()
    ~ " where build_number = (select max(build_number) from " ~ dbt_builds() ~ " where is_complete)"
) -%}
{%- if not begun or not last %}{{ return(none) }}{% endif -%}
{%- if last[0][2] != hash_definitions() %}{{ return(none) }}{% endif -%}
{%- for node in nodes_of_patron() if node.config.meta.get('refreshed_by') -%}
    {%- if not adapter.get_relation(node.database, node.schema, node.alias) %}{{ return(none) }}{% endif -%}
{%- endfor -%}
{%- set since = last[0][0] | int -%}
{%- for source in var('sources_of_old_rows', []) if highest_batch_of([source]) > since %}{{ return(none) }}{% endfor -%}
{{ return({'since_batch': since, 'as_of_date': last[0][1] or '', 'by_dbt': true}) }}
{%- endmacro %}

{% macro nodes_of_patron() -%}
{{ return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('package_name', 'equalto', 'patron') | list) }}
{%- endmacro %}

{# The incremental models, the models that say what they take in, and the day that decides it. #}
{% macro nodes_that_follow_builds() -%}
{%- set found, names = [], ['as_of'] -%}
{%- for node in nodes_of_patron() if node.config.meta.get('refreshed_by') %}{% do names.append(node.config.meta['follows']) %}{% endfor -%}
{%- for node in nodes_of_patron() if node.config.meta.get('refreshed_by') or node.name in names %}{% do found.append(node) %}{% endfor -%}
{{ return(found) }}
{%- endmacro %}

{# Changes with any model or seed, and with the settings. #}
{% macro hash_definitions() -%}
{%- set found = [var('definitions', '')] -%}
{%- for node in graph.nodes.values() if node.package_name == 'patron' and node.resource_type in ['model', 'seed'] -%}
    {%- do found.append(node.name ~ node.checksum.checksum) -%}
{%- endfor -%}
{{ return(local_md5(found | sort | join(' '))) }}
{%- endmacro %}

{% macro dbt_builds() %}{{ return(meta_relation('dbt_builds')) }}{% endmacro %}

{% macro meta_relation(name) %}{{ return(api.Relation.create(database=target.database or none, schema='meta', identifier=name)) }}{% endmacro %}

{# The last landing of some sources; 0 if there is none. #}
{% macro highest_batch_of(names) -%}
{%- set selects = [] -%}
{%- for source in graph.sources.values() if source.package_name == 'patron' and source.source_name == 'bronze' and source.name in names -%}
    {%- do selects.append('select max(_batch_id) as _batch_id from ' ~ source.relation_name) -%}
{%- endfor -%}
{%- if not selects %}{{ return(0) }}{% endif -%}
{%- set found = run_query('select max(_batch_id) from (' ~ selects | join(' union all ') ~ ') as landings') -%}
{{ return((found[0][0] or 0) | int) }}
{%- endmacro %}

{# on-run-start: note what has landed by now. What lands while models are built is left to the next build. #}
{% macro begin_dbt_build() -%}
{%- if execute and flags.WHICH in ['build', 'run', 'retry'] -%}
    {%- do run_query('create schema if not exists ' ~ meta_relation('dbt_builds').without_identifier()) -%}
    {%- do run_query(create_dbt_builds()) -%}
    {%- set names = graph.sources.values() | selectattr('source_name', 'equalto', 'bronze') | map(attribute='name') | list -%}
    {%- do record_dbt_build(0, highest_batch_of(names), '', false) -%}
{%- endif -%}
{%- endmacro %}

{% macro create_dbt_builds() -%}
create table if not exists {{ dbt_builds() }} (
    build_number bigint, invocation_id {{ type_text() }}, since_batch bigint, highest_batch bigint,
    as_of_date {{ type_text() }}, definitions {{ type_text() }}, is_complete boolean
) {{ table_format() }}
{%- endmacro %}

{% macro record_dbt_build(since_batch, highest_batch, as_of_date, is_complete) -%}
{%- do run_query(
    "insert into " ~ dbt_builds() ~ " select coalesce(max(build_number), 0) + 1, '" ~ invocation_id ~ "', "
    ~ since_batch ~ ", " ~ highest_batch ~ ", '" ~ as_of_date ~ "', '" ~ hash_definitions() ~ "', " ~ is_complete ~ " from " ~ dbt_builds()
) -%}
{%- endmacro %}

{# on-run-end: a build of every model is complete, and the rows that it replaced have been taken in. #}
{% macro end_dbt_build(results) -%}
{%- if execute and flags.WHICH in ['build', 'run', 'retry'] -%}
    {%- set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list -%}
    {%- set missing = nodes_that_follow_builds() | map(attribute='unique_id') | reject('in', built) | list -%}
    {%- if not missing -%}
        {%- set begun = run_query(
            "select highest_batch from " ~ dbt_builds() ~ " where invocation_id = '" ~ invocation_id ~ "'"
        ) -%}
        {%- set as_of = nodes_of_patron() | selectattr('name', 'equalto', 'as_of') | map(attribute='relation_name') | first -%}
        {%- set day = run_query('select cast(max(as_of_date) as ' ~ type_text() ~ ') from ' ~ as_of)[0][0] -%}
        {%- set since = (refresh_plan() or {}).get('since_batch', 0) -%}
        {%- do record_dbt_build(since, begun[0][0], day or '', true) -%}
        {%- for node in nodes_of_patron() if node.config.meta.get('keeps_removed') -%}
            {%- do run_query('delete from ' ~ removed_rows(node.name) ~ ' where 1 = 1') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}

{# dbt asks this of every incremental model. #}
{% macro should_full_refresh() -%}
{%- set given = config.get('full_refresh') -%}
{%- set is_asked = flags.FULL_REFRESH if given is none else given -%}
{{ return(is_asked or (config.get('meta', {}).get('refreshed_by') is not none and refresh_plan() is none)) }}
{%- endmacro %}

{# The groups of a model that new rows affect, one row each: as patron finds them (transform/materialize.py). #}
{% macro affected_groups(node) -%}
{%- set columns, follows = node.config.meta['refreshed_by'], node.config.meta.get('follows') -%}
{%- set batch = '_affected_batch_id' if follows and follows.startswith('latest_') else '_batch_id' -%}
(
    select distinct {{ columns | join(', ') }}
    from {{ ref(follows) if follows else this }}
    where {% if not follows -%} {{ is_new(columns[0]) }}
    {%- else -%}
        {{ columns[0] }} is not null {% if not follows.startswith('changed_') -%} and {{ is_new(batch) }} {%- endif %}
    {%- endif %}
)
{%- endmacro %}

{# Whether a hook has rows of the model's table to replace. A model that follows staging reads its own table, keeps every
   group, and is merged by its key alone. #}
{% macro replaces_groups() -%}
{%- set follows = model.config.meta.get('follows') -%}
{{ return(execute and not should_full_refresh() and not (follows and follows.startswith('stg_'))) }}
{%- endmacro %}

{% macro is_same_group() -%}
{%- for column in model.config.meta['refreshed_by'] %}old_rows.{{ column }} = redone.{{ column }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro keep_affected_rows() -%}
{%- if model.config.meta.get('keeps_removed') and replaces_groups() -%}
insert into {{ removed_rows(model.name) }}
select old_rows.* from {{ this }} as old_rows inner join {{ affected_groups(model) }} as redone on {{ is_same_group() }}
{%- endif -%}
{%- endmacro %}

{% macro delete_affected_rows() -%}
{%- if replaces_groups() -%}
merge into {{ this }} as old_rows
using {{ affected_groups(model) }} as redone on {{ is_same_group() }}
when matched then delete
{%- endif -%}
{%- endmacro %}

{% macro forget_removed_rows() -%}
{%- if execute and model.config.meta.get('keeps_removed') and should_full_refresh() -%}
create or replace table {{ removed_rows(model.name) }} {{ table_format() }} as select * from {{ this }} where 1 = 0
{%- endif -%}
{%- endmacro %}
