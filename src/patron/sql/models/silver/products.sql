{% set attributes = [
    'product_id', 'product_name', 'category', 'subcategory', 'department', 'brand', 'list_price', 'unit_cost', 'updated_at'
] %}

with newest as ({{ newest_rows('products', version='updated_at') }}), one_each as ({{ united('products', attributes) }})

select {{ attributes | join(',\n    ') }}, source_name, _row_key, _batch_id
from one_each
