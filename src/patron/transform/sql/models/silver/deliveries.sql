{% set attributes = [
    'delivery_id', 'order_id', 'customer_id', 'staff_id', 'store_id', 'ordered_at', 'picked_up_at', 'delivered_at',
    'stated_delivery_minutes', 'order_type', 'weather', 'traffic', 'vehicle', 'vehicle_condition',
    'multiple_delivery_count', 'city', 'area', 'city_type', 'is_festival', 'from_latitude', 'from_longitude',
    'to_latitude', 'to_longitude', 'assumed'
] %}

{{ silver('deliveries') }}

select
    {{ attributes | join(',\n    ') }},
    cast(ordered_at as date) as ordered_date,
    source_name,
    id_namespace,
    _row_key,
    _batch_id,
    _entity_key
from ({{ event_rows('deliveries') }}) as rows_kept
