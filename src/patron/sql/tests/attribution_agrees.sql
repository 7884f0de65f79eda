{# In every attribution model the credits add up to the revenue that is shared out. A row for each model that differs. #}
with
    revenue as (

        {% if var('campaign_credit') == 'touches' -%}
            select coalesce(sum(revenue_amount), 0) as amount from {{ ref('campaign_sessions') }}
        {%- else -%}
            select coalesce(sum(gross_amount + discount_amount), 0) as amount
            from {{ ref('order_measures') }}
            where is_counted
        {%- endif %}

    ),

    credited as (

        select attribution_model, sum(credited_amount) as amount
        from {{ ref('campaign_attribution') }}
        group by attribution_model

    )

select
    'credits = revenue: ' || credited.attribution_model as broken_rule,
    1 as row_count,
    credited.amount - revenue.amount as difference
from credited
cross join revenue
where credited.amount <> revenue.amount
