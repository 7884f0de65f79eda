{{ refresh(by=['batch_id']) }}

{% for entity in var('staged_entities') -%}
    select
        '{{ entity }}' as entity,
        source_name,
        _source_file as source_file,
        _row_key as row_key,
        _batch_id as batch_id,
        quarantine_reason,
        raw_row
    from {{ new_rows(ref('stg_' ~ entity)) }} as arrived
    where quarantine_reason is not null {{ 'union all' if not loop.last }}
{% endfor %}
