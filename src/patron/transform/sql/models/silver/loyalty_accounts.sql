{% set attributes = [
    'loyalty_id', 'customer_id', 'tier', 'points_earned', 'points_redeemed', 'joined_date', 'updated_at'
] %}
{% set tiers = var('loyalty_tiers') %}

{{ silver('loyalty_accounts') }}

select
    {{ attributes | join(',\n    ') }},
    case
        lower(trim(tier))
        {% for tier in tiers -%} when '{{ escape_text(tier | lower) }}' then {{ loop.index }} {% endfor %}
    end as tier_rank,
    source_name,
    _row_key,
    _batch_id,
    _entity_key
from ({{ thing_rows('loyalty_accounts', attributes) }}) as one_each
