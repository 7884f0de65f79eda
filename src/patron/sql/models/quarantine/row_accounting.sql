{# rows in = silver + duplicates + quarantined + filtered, per source and entity; each side counted by itself. #}
{% set pairs = var('accounted') %}

with
    arrived as (

        {% for source in pairs | map(attribute='source') | unique -%}
            select '{{ source }}' as source_name, count(*) as row_count
            from {{ source_relation(source) }} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    kept as (

        {% for entity in pairs | map(attribute='entity') | unique -%}
            select '{{ entity }}' as entity, source_name, count(*) as silver_count
            from {{ ref(entity) }}
            group by source_name {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    quarantined as (

        select entity, source_name, count(*) as quarantined_count
        from {{ ref('quarantined_rows') }}
        group by entity, source_name

    ),

    {# per pair: rows of a key beyond the one that silver keeps; rows that the mapping leaves out; rows alike in all #}
    told_apart as (

        {% for pair in pairs -%}
            {% set entity, source = pair['entity'], pair['source'] -%}
            select
                '{{ entity }}' as entity,
                '{{ source }}' as source_name,
                {% if entity in var('keyed_entities') -%}
                    (
                        select coalesce({{ whole_sum('good_count - owned') }}, 0)
                        from
                            (
                                select
                                    _entity_key,
                                    count(case when source_name = '{{ source }}' then 1 end) as good_count,
                                    {% if pair['is_thing'] -%}
                                        case when min(source_rank) = {{ pair['rank'] }} then 1 else 0 end as owned
                                    {%- else -%}
                                        case
                                            when
                                                max(case when source_name = '{{ source }}' then _row_key end)
                                                = max(_row_key)
                                            then 1
                                            else 0
                                        end as owned
                                    {%- endif %}
                                from {{ ref('stg_' ~ entity) }}
                                where quarantine_reason is null and _entity_key is not null
                                group by _entity_key
                            ) as keyed
                    )
                {%- else %} 0
                {% endif %} as duplicate_count,
                {% if pair['filter'] -%}
                    (select count(*) from {{ source_relation(source) }} where not coalesce({{ pair['filter'] }}, false))
                {%- else %} 0
                {% endif %} as filtered_count,
                {% if pair['count_exact'] -%}
                    (
                        select coalesce({{ whole_sum('copies - 1') }}, 0)
                        from
                            (
                                select count(*) as copies
                                from {{ source_relation(source) }}
                                group by {{ pair['columns'] | join(', ') }}
                                having count(*) > 1
                            ) as repeated
                    )
                {%- else %} cast(null as {{ dbt.type_bigint() }})
                {% endif %} as exact_duplicate_count
                {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select
    told_apart.source_name,
    told_apart.entity,
    arrived.row_count,
    coalesce(kept.silver_count, 0) as silver_count,
    told_apart.duplicate_count,
    coalesce(quarantined.quarantined_count, 0) as quarantined_count,
    told_apart.filtered_count,
    told_apart.exact_duplicate_count
from told_apart
inner join arrived on told_apart.source_name = arrived.source_name
left join kept on told_apart.entity = kept.entity and told_apart.source_name = kept.source_name
left join quarantined on told_apart.entity = quarantined.entity and told_apart.source_name = quarantined.source_name
