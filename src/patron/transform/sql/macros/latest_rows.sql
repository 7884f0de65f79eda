{# Which staged rows become silver. An entity is keyed if two rows may be the same thing or event. Then
   staging.latest_<entity> holds the latest good row of each key and source, and silver is built from those. #}

{% macro is_keyed(entity) %}{{ return(entity in var('keyed_entities')) }}{% endmacro %}

{# The latest good row of each source and key: the latest version wins, then the latest arrival. Of each key only its
   latest row, the number of its rows and the last landing that affected it are kept; the maximum of those and of new
   rows is the maximum of all. #}
{% macro latest_rows(entity, columns, version=none) -%}
{%- set staged = ref('stg_' ~ entity) -%}
{%- set own = columns | join(', ') -%}
with
    staged as (

        select {{ own }}, _batch_id as _affected_batch_id
        from {{ new_rows(staged) }} as arrived
        where quarantine_reason is null

    ),

    {% if is_incremental_build() -%}
        previous as (select * from {{ affected(this) }} as affected_rows),

        candidates as (

            select {{ own }}, _affected_batch_id, _row_count
            from previous
            union all
            {# rows that a killed run had already taken in are not counted again #}
            select {% for column in columns %}staged.{{ column }}, {% endfor %} staged._affected_batch_id, 1 as _row_count
            from staged
            left join previous on staged.source_name = previous.source_name and staged._entity_key = previous._entity_key
            where previous._affected_batch_id is null or staged._affected_batch_id > previous._affected_batch_id

        ),
    {%- else -%} candidates as (select {{ own }}, _affected_batch_id, 1 as _row_count from staged),
    {%- endif %}

    ranked as (

        select
            {{ own }},
            max(_affected_batch_id) over (partition by source_name, _entity_key) as _affected_batch_id,
            cast(
                sum(_row_count) over (partition by source_name, _entity_key) as bigint
            ) as _row_count,
            row_number() over (
                partition by source_name, _entity_key
                order by
                    {% if version %}case when {{ version }} is null then 1 else 0 end, {{ version }} desc, {% endif -%}
                    _row_key desc
            ) as _recency
        from candidates

    )

select {{ own }}, _affected_batch_id, _row_count
from ranked
where _recency = 1
{%- endmacro %}

{# The first line of a silver model. #}
{% macro silver(entity) -%}
{%- if is_keyed(entity) -%}
{{ refresh(by=['_entity_key'], follows='latest_' ~ entity, keeps_removed=true) }}
{%- else -%} {{ refresh(by=['_batch_id']) }}
{%- endif -%}
{%- endmacro %}

{# The rows of an event that silver takes in on this run. #}
{% macro event_rows(entity) -%}
{%- if is_keyed(entity) -%} {{ undeleted_rows(entity, affected(ref('latest_' ~ entity))) }}
{%- else -%} select * from {{ new_rows(ref('stg_' ~ entity)) }} as arrived where quarantine_reason is null
{%- endif -%}
{%- endmacro %}

{# The rows of an event, before classification, from which silver's rows of the affected groups were built. A row's
   rivals may lie in other groups, so they are compared first. #}
{% macro raw_event_rows(entity) -%}
{%- set is_compared = entity == 'order_lines' and var('order_values').get('whole_orders') -%}
{%- if is_compared -%} select * from {{ affected('(' ~ rows_of_latest_files('(' ~ good_rows(entity) ~ ')') ~ ')') }} as latest_files
{%- elif is_keyed(entity) -%} select * from {{ affected('(' ~ good_rows(entity) ~ ')') }} as undeleted_rows
{%- else -%} select * from {{ affected(ref('stg_' ~ entity)) }} as staged_rows where quarantine_reason is null
{%- endif -%}
{%- endmacro %}

{# All rows of an event that are neither bad, replaced by a row of their key, nor deleted. #}
{% macro good_rows(entity) -%}
{%- if is_keyed(entity) -%} {{ undeleted_rows(entity, ref('latest_' ~ entity)) }}
{%- else -%} select * from {{ ref('stg_' ~ entity) }} as staged_rows where quarantine_reason is null
{%- endif -%}
{%- endmacro %}

{# Sources may share the key of an event: the latest arrival wins, unless it marks the event as deleted. #}
{% macro undeleted_rows(entity, rows) -%}
{%- if var('entity_sources').get(entity, 1) <= 1 -%} select * from {{ rows }} as latest where not _is_deleted
{%- else -%}
select *
from (
    select latest.*, row_number() over (partition by _entity_key order by _row_key desc) as _recency
    from {{ rows }} as latest
) as ranked
where _recency = 1 and not _is_deleted
{%- endif -%}
{%- endmacro %}

{# Things share one namespace: if several sources know the same one, each value comes from the first source in patron.yaml
   that has it. #}
{% macro thing_rows(entity, columns) -%}
{%- set sources = var('entity_sources').get(entity, 1) -%}
{%- if not is_keyed(entity) -%}
{# no source maps it #}
select _entity_key, {{ columns | join(', ') }}, source_name, _row_key, _batch_id
from {{ ref('stg_' ~ entity) }} as no_rows
{%- else -%}
{%- set latest = affected(ref('latest_' ~ entity)) -%}
{%- if sources <= 1 -%}
select _entity_key, {{ columns | join(', ') }}, source_name, _row_key, _batch_id
from {{ latest }} as latest
where not _is_deleted
{%- else -%}
select
    _entity_key,
    {% for column in columns -%}
    coalesce({% for rank in range(1, sources + 1) %}max(case when source_rank = {{ rank }} then {{ column }} end){{ ', ' if not loop.last }}{% endfor %}) as {{ column }},
    {% endfor -%}
    coalesce({% for rank in range(1, sources + 1) %}max(case when source_rank = {{ rank }} then source_name end){{ ', ' if not loop.last }}{% endfor %}) as source_name,
    max(_row_key) as _row_key,
    max(_batch_id) as _batch_id
from {{ latest }} as latest
where not _is_deleted
group by _entity_key
{%- endif -%}
{%- endif -%}
{%- endmacro %}

{# A raw country under its name in the shop's list, or unchanged if the list does not have it. #}
{% macro mapped_country(raw, seed) -%}
case when {{ seed }}.raw_country is not null then nullif({{ seed }}.country, '') else {{ raw }} end
{%- endmacro %}
