select
    visit_segment,
    max(visit_frequency) as visit_frequency,
    max(clv_tier) as clv_tier,
    max(case when is_member then 1 else 0 end) = 1 as is_member,
    count(*) as customer_count,
    {{ whole_sum('visit_count') }} as visit_count,
    sum(net_amount) as net_amount,
    {{ money_ratio('sum(net_amount)', 'count(*)') }} as average_historical_clv,
    cast({{ whole_sum('visit_count') }} as {{ type_double() }}) / count(*) as visits_per_customer
from {{ ref('customer_visit_segments') }}
group by visit_segment
