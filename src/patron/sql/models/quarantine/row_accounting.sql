{# rows in = silver + duplicates + quarantined + filtered, per source and entity; each side counted by itself. #}

{% for pair in var('accounted') -%}
{% set entity, source = pair['entity'], pair['source'] -%}
select
    '{{ source }}' as source_name,
    '{{ entity }}' as entity,
    (select count(*) from {{ source_relation(source) }}) as row_count,
    (select count(*) from {{ ref(entity) }} where source_name = '{{ source }}') as silver_count,
    {% if entity in var('keyed_entities') -%}
    (
        select coalesce(sum(good_count - {{ 'owned' if pair['is_thing'] else 1 }}), 0)
        from (
            select
                _entity_key,
                count(case when source_name = '{{ source }}' then 1 end) as good_count,
                case when min(source_rank) = {{ pair['rank'] }} then 1 else 0 end as owned
            from {{ ref('stg_' ~ entity) }}
            where quarantine_reason is null and _entity_key is not null
                {{ "and source_name = '" ~ source ~ "'" if not pair['is_thing'] }}
            group by _entity_key
        ) as keyed
    )
    {%- else %}0{% endif %} as duplicate_count,
    (
        select count(*) from {{ ref('quarantined_rows') }}
        where source_name = '{{ source }}' and entity = '{{ entity }}'
    ) as quarantined_count,
    {% if pair['filter'] -%}
    (select count(*) from {{ source_relation(source) }} where not coalesce({{ pair['filter'] }}, false))
    {%- else %}0{% endif %} as filtered_count,
    {% if pair['count_exact'] -%}
    (
        select coalesce(sum(copies - 1), 0)
        from (
            select count(*) as copies from {{ source_relation(source) }}
            group by {{ pair['columns'] | join(', ') }} having count(*) > 1
        ) as repeated
    )
    {%- else %}cast(null as {{ dbt.type_bigint() }}){% endif %} as exact_duplicate_count
{{ 'union all' if not loop.last }}
{% endfor %}
