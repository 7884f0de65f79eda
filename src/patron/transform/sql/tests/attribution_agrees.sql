{# In every attribution model, the credits add up to the revenue. One row per model that differs. #}
with
    revenue as (

        {% if var('campaign_credit') == 'touches' -%}
            select coalesce(sum(revenue_amount), 0) as amount from {{ ref('campaign_sessions') }}
        {%- else -%}
            select coalesce(sum(gross_amount + discount_amount), 0) as amount
            from {{ ref('order_measures') }}
            where is_counted and 1 = {{ 1 if var('mapped_columns').get('campaign_touches') else 0 }}
        {%- endif %}

    ),

    models as (

        {% for name in attribution_models() -%}
            select '{{ name }}' as attribution_model {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    credited as (

        select attribution_model, sum(credited_amount) as amount
        from {{ ref('campaign_attribution') }}
        group by attribution_model

    )

select
    'credits = revenue: ' || models.attribution_model as broken_rule,
    1 as row_count,
    coalesce(credited.amount, 0) - revenue.amount as difference
from models
cross join revenue
left join credited on models.attribution_model = credited.attribution_model
where coalesce(credited.amount, 0) <> revenue.amount
