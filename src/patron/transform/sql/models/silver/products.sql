{% set attributes = [
    'product_id', 'product_name', 'category', 'subcategory', 'department', 'brand', 'list_price', 'unit_cost',
    'return_rate', 'assumed', 'updated_at'
] %}

{{ silver('products') }}

select
    {{ attributes | join(',\n    ') }},
    {{ band('list_price', 'list_price') }} as price_tier,
    list_price - unit_cost as unit_margin_amount,
    cast(list_price - unit_cost as {{ type_double() }}) / nullif(list_price, 0) as margin_rate,
    source_name,
    _row_key,
    _batch_id,
    _entity_key
from ({{ thing_rows('products', attributes) }}) as one_each
