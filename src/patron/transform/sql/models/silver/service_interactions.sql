{% set attributes = [
    'interaction_id', 'customer_id', 'staff_id', 'contacted_at', 'issue_type', 'channel', 'resolution_status',
    'resolved_at'
] %}

{{ silver('service_interactions') }}

select
    {{ attributes | join(',\n    ') }},
    cast(contacted_at as date) as contacted_date,
    coalesce({{ is_one_of('resolution_status', var('resolved_statuses')) }}, false)
    or (resolution_status is null and resolved_at is not null) as is_resolved,
    coalesce({{ is_one_of('resolution_status', var('escalated_statuses')) }}, false) as is_escalated,
    case
        {% for category, words in var('issue_categories').items() -%}
            when {{ holds_one_of('issue_type', words) }} then '{{ escape_text(category) }}'
        {% endfor -%}
        when issue_type is not null
        then 'Other'
    end as issue_category,
    source_name,
    id_namespace,
    _row_key,
    _batch_id,
    _entity_key
from ({{ event_rows('service_interactions') }}) as rows_kept
