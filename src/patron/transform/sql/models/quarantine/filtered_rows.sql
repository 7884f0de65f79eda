{{ refresh(by=['batch_id']) }}

{% set pairs = var('accounted') | selectattr('filter') | list %}

{% for pair in pairs -%}
    select
        '{{ pair["source"] }}' as source_name,
        '{{ pair["entity"] }}' as entity,
        _batch_id as batch_id,
        count(*) as filtered_count
    from {{ new_rows(entity_relation(pair)) }} as arrived
    where not coalesce({{ pair['filter'] }}, false)
    group by _batch_id {{ 'union all' if not loop.last }}
{% else -%}
    select source_name, entity, batch_id, batch_id as filtered_count from {{ ref('quarantined_rows') }} where 1 = 0
{% endfor %}
