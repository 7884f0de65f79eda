{% set attributes = [
    'review_id', 'customer_id', 'product_id', 'order_id', 'reviewed_at', 'rating', 'review_text', 'assumed'
] %}

{{ silver('reviews') }}

select
    {{ attributes | join(',\n    ') }},
    cast(reviewed_at as date) as reviewed_date,
    case when review_text is not null then {{ text_hash('review_text') }} end as text_key,
    source_name,
    id_namespace,
    _row_key,
    _batch_id,
    _entity_key
from ({{ event_rows('reviews') }}) as rows_kept
