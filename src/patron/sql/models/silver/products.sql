{% set attributes = [
    'product_id', 'product_name', 'category', 'subcategory', 'department', 'brand', 'list_price', 'unit_cost', 'updated_at'
] %}

{{ silver('products') }}

select {{ attributes | join(',\n    ') }}, source_name, _row_key, _batch_id, _entity_key
from ({{ thing_rows('products', attributes) }}) as one_each
