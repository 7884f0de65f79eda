{# Value, visits and loyalty combined: every combination has exactly one name. #}
select
    customer_id,
    visit_count,
    last_year_visit_count,
    visits_per_week,
    {{ band('visits_per_week', 'visits_per_week') }} as visit_frequency,
    historical_clv,
    clv_tier,
    net_amount,
    average_order_value,
    tenure_days,
    discount_usage_rate,
    coalesce(is_loyalty_member, false) or loyalty_account_count > 0 as is_member,
    coalesce({{ band('visits_per_week', 'visits_per_week') }}, 'Unknown')
    || ' / '
    || clv_tier
    || ' / '
    || case
        when coalesce(is_loyalty_member, false) or loyalty_account_count > 0 then 'member' else 'no member'
    end as visit_segment
from {{ ref('customer_360') }}
where order_count > 0
