{# The good rows of a staged entity, one a key: the newest version wins, then the latest to arrive.
   Where no source declares a key each row stands, and there is nothing to sort. #}
{% macro newest_rows(entity, version=none) -%}
{%- if entity in var('keyed_entities') -%}
select * from (
    select
        staged.*,
        row_number() over (
            partition by {{ 'source_name, ' if entity in var('things') }}_entity_key
            order by {% if version %}case when {{ version }} is null then 1 else 0 end, {{ version }} desc, {% endif %}_row_key desc
        ) as _recency
    from {{ ref('stg_' ~ entity) }} as staged
    where quarantine_reason is null
) as ranked
where _recency = 1 or _entity_key is null
{%- else -%}
select * from {{ ref('stg_' ~ entity) }} where quarantine_reason is null
{%- endif -%}
{%- endmacro %}

{# Things share one namespace: where several sources know the same one, the first source in patron.yaml that has
   a value gives it. #}
{% macro united(entity, columns) -%}
{%- set sources = var('entity_sources').get(entity, 1) -%}
{%- if sources <= 1 -%}
select * from newest
{%- else -%}
select
    _entity_key,
    {% for column in columns -%}
    coalesce({% for rank in range(1, sources + 1) %}max(case when source_rank = {{ rank }} then {{ column }} end){{ ', ' if not loop.last }}{% endfor %}) as {{ column }},
    {% endfor -%}
    coalesce({% for rank in range(1, sources + 1) %}max(case when source_rank = {{ rank }} then source_name end){{ ', ' if not loop.last }}{% endfor %}) as source_name,
    max(_row_key) as _row_key,
    max(_batch_id) as _batch_id
from newest
group by _entity_key
{%- endif -%}
{%- endmacro %}

{# A raw country as the shop's list names it; as it came where the list does not know it. #}
{% macro mapped_country(raw, seed) -%}
case when {{ seed }}.raw_country is not null then nullif({{ seed }}.country, '') else {{ raw }} end
{%- endmacro %}
