{# rows in = silver + duplicates + deleted + quarantined + filtered, per source and entity; each term is counted
   independently. Where a mapping explodes a list, rows in are its elements. #}
{% set pairs = var('accounted') %}

with
    arrived as (

        {% for pair in pairs -%}
            select '{{ pair["source"] }}' as source_name, '{{ pair["entity"] }}' as entity, count(*) as row_count
            from
                {{ entity_relation(pair) if pair['is_exploded'] else bronze_relation(pair['source']) }} as landed
                {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    kept as (

        {% for entity in pairs | map(attribute='entity') | unique -%}
            select '{{ entity }}' as entity, source_name, count(*) as silver_count
            from {{ ref(entity) }}
            {% if entity == 'order_lines' and is_built_by_order() -%}
                where _row_key > 0  -- a refund of an order is no row of the source
            {%- endif %}
            group by source_name {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    quarantined as (

        select entity, source_name, count(*) as quarantined_count
        from {{ ref('quarantined_rows') }}
        group by entity, source_name

    ),

    filtered as (

        select entity, source_name, {{ whole_sum('filtered_count') }} as filtered_count
        from {{ ref('filtered_rows') }}
        group by entity, source_name

    ),

    {# of each source's latest rows: the one that represents its key, and whether it marks the key as deleted #}
    latest as (

        {% for entity in pairs | map(attribute='entity') | unique if is_keyed(entity) -%}
            select
                '{{ entity }}' as entity,
                source_name,
                _row_count,
                {% if entity in var('things') -%}
                    not _is_deleted
                    and source_rank
                    = min(case when not _is_deleted then source_rank end) over (partition by _entity_key) as is_current,
                    _is_deleted as is_deleted
                {%- else -%}
                    not _is_deleted and _row_key = max(_row_key) over (partition by _entity_key) as is_current,
                    _is_deleted and _row_key = max(_row_key) over (partition by _entity_key) as is_deleted
                {%- endif %}
            from {{ ref('latest_' ~ entity) }}
            union all
        {% endfor -%}
        select 'none' as entity, 'none' as source_name, 0 as _row_count, false as is_current, false as is_deleted

    ),

    {# rows of which a newer file, or a newer extract, holds the order or everything #}
    superseded as (

        {% if var('order_values').get('whole_orders') -%}
            select
                'order_lines' as entity,
                source_name,
                {{ whole_sum('case when _recency > 1 then row_count else 0 end') }} as superseded_count
            from
                (
                    select
                        files.*,
                        row_number() over (
                            partition by source_name, id_namespace, order_id
                            order by
                                case when updated_at is null then 1 else 0 end,
                                updated_at desc,
                                last_batch_id desc,
                                _source_file desc
                        ) as _recency
                    from
                        (
                            select
                                source_name,
                                id_namespace,
                                order_id,
                                updated_at,
                                _source_file,
                                max(_batch_id) as last_batch_id,
                                count(*) as row_count
                            from ({{ good_rows('order_lines') }}) as good_rows
                            group by source_name, id_namespace, order_id, updated_at, _source_file
                        ) as files
                ) as ranked
            where {{ is_one_of_sources('source_name', var('order_values')['whole_orders']) }}
            group by source_name
            union all
        {%- endif %}
        {% for pair in pairs if pair['source'] in var('full_extracts') -%}
            select
                '{{ pair["entity"] }}' as entity,
                '{{ pair["source"] }}' as source_name,
                (select count(*) from {{ bronze_relation(pair['source']) }})
                - (select count(*) from {{ source_relation(pair['source']) }}) as superseded_count
            union all
        {% endfor -%}
        select 'none' as entity, 'none' as source_name, 0 as superseded_count

    ),

    replaced as (

        select
            entity,
            source_name,
            {{ whole_sum('_row_count - case when is_current or is_deleted then 1 else 0 end') }} as duplicate_count,
            {{ whole_sum('case when is_deleted then 1 else 0 end') }} as deleted_count
        from latest
        group by entity, source_name

    ),

    pairs as (

        {% for pair in pairs -%}
            select
                '{{ pair["entity"] }}' as entity,
                '{{ pair["source"] }}' as source_name
                {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select
    pairs.source_name,
    pairs.entity,
    arrived.row_count,
    coalesce(kept.silver_count, 0) as silver_count,
    coalesce(replaced.duplicate_count, 0) + coalesce(superseded.superseded_count, 0) as duplicate_count,
    coalesce(replaced.deleted_count, 0) as deleted_count,
    coalesce(quarantined.quarantined_count, 0) as quarantined_count,
    coalesce(filtered.filtered_count, 0) as filtered_count
from pairs
inner join arrived on pairs.entity = arrived.entity and pairs.source_name = arrived.source_name
left join kept on pairs.entity = kept.entity and pairs.source_name = kept.source_name
left join replaced on pairs.entity = replaced.entity and pairs.source_name = replaced.source_name
left join superseded on pairs.entity = superseded.entity and pairs.source_name = superseded.source_name
left join quarantined on pairs.entity = quarantined.entity and pairs.source_name = quarantined.source_name
left join filtered on pairs.entity = filtered.entity and pairs.source_name = filtered.source_name
