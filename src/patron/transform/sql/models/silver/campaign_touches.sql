{% set attributes = [
    'touch_id', 'customer_id', 'touched_at', 'campaign', 'product_id', 'product_name', 'category', 'quantity',
    'unit_price', 'unit_cost', 'is_carted', 'is_confirmed', 'is_returned', 'return_reason', 'payment_method'
] %}

{{ silver('campaign_touches') }}

select
    {{ attributes | join(',\n    ') }},
    cast(touched_at as date) as touched_date,
    coalesce(is_confirmed, false) as is_conversion,
    {{ money_product('quantity', 'unit_price') }} as touch_amount,
    {{ money_product('quantity', 'unit_cost') }} as touch_cost_amount,
    {{ money_product('quantity', 'unit_price') }} - {{ money_product('quantity', 'unit_cost') }} as touch_margin_amount,
    cast(unit_price - unit_cost as {{ type_double() }}) / nullif(unit_price, 0) as margin_rate,
    source_name,
    id_namespace,
    _row_key,
    _batch_id,
    _entity_key
from ({{ event_rows('campaign_touches') }}) as rows_kept
