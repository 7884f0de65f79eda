{% set steps = ['session', 'cart', 'confirmed', 'kept'] %}

with
    counted as (

        select
            campaign,
            count(*) as session_count,
            count(case when is_carted then 1 end) as cart_count,
            count(case when is_conversion then 1 end) as confirmed_count,
            count(case when is_kept then 1 end) as kept_count
        from {{ ref('campaign_sessions') }}
        group by campaign

    )

{% for step in steps -%}
    select
        campaign,
        {{ loop.index }} as step_order,
        '{{ step }}' as step,
        {{ step }}_count as session_count,
        cast({{ step }}_count as {{ type_double() }}) / session_count as share_of_sessions_rate,
        cast({{ step }}_count as {{ type_double() }})
        / nullif({{ steps[loop.index0 - 1] if not loop.first else step }}_count, 0) as share_of_step_before_rate
    from counted {{ 'union all' if not loop.last }}
{% endfor %}
