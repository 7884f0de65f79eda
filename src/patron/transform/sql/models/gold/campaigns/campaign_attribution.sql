{# Each conversion's revenue is divided by whole-number weights: what is credited to the touches up to and including one, rounded,
   minus what was credited before it. The shares of a conversion therefore add up to its revenue exactly. #}
{% set models = attribution_models() %}
{% set first_share, last_share, whole = var('first_touch_share'), var('last_touch_share'), var('touch_share_denominator') %}
{% set by_touches = var('campaign_credit') == 'touches' %}

with
    sessions as (select * from {{ ref('campaign_sessions') }}),

    conversions as (

        {% if by_touches -%}
            select
                id_namespace,
                cast(_row_key as {{ type_text() }}) as conversion_id,
                _row_key,
                customer_id,
                touched_at as converted_at,
                touched_date as converted_date,
                revenue_amount as amount
            from sessions
            where is_conversion
        {%- else -%}
            select
                id_namespace,
                order_id as conversion_id,
                0 as _row_key,
                customer_id,
                ordered_at as converted_at,
                order_date as converted_date,
                gross_amount + discount_amount as amount
            from {{ ref('order_measures') }}
            where is_counted and 1 = {{ 1 if var('mapped_columns').get('campaign_touches') else 0 }}
        {%- endif %}

    ),

    paths as (

        select
            conversions.id_namespace,
            conversions.conversion_id,
            conversions.amount,
            sessions.campaign,
            sessions.touched_at,
            sessions.id_namespace as touch_namespace,
            sessions._row_key,
            {{ days_between('sessions.touched_date', 'conversions.converted_date') }} as age_days
        from conversions
        inner join
            sessions
            on conversions.customer_id = sessions.customer_id
            and sessions.touched_at <= conversions.converted_at
            and sessions.touched_date >= {{ plus_days('conversions.converted_date', -var('campaign_lookback_days')) }}
        {% if by_touches -%}
            where
                sessions.touched_at < conversions.converted_at
                or (sessions.id_namespace = conversions.id_namespace and sessions._row_key <= conversions._row_key)
            union all
            {# the customer is unknown: the touch itself gets all the credit #}
            select
                id_namespace,
                cast(_row_key as {{ type_text() }}) as conversion_id,
                revenue_amount as amount,
                campaign,
                touched_at,
                id_namespace as touch_namespace,
                _row_key,
                0 as age_days
            from sessions
            where is_conversion and customer_id is null
        {%- endif %}

    ),

    placed as (

        select
            paths.*,
            row_number() over (
                partition by id_namespace, conversion_id order by touched_at, touch_namespace, _row_key
            ) as place,
            count(*) over (partition by id_namespace, conversion_id) as touch_count
        from paths

    ),

    weighted as (

        {% for model in models -%}
            select
                '{{ model }}' as attribution_model,
                id_namespace,
                conversion_id,
                amount,
                campaign,
                _row_key,
                place,
                {% if model == 'first_touch' -%} case when place = 1 then 1 else 0 end
                {%- elif model == 'last_touch' -%} case when place = touch_count then 1 else 0 end
                {%- elif model == 'linear' -%} 1
                {%- elif model == 'position_based' -%}
                    case
                        when touch_count = 1
                        then 1
                        when place = 1
                        then {{ first_share }} * case when touch_count = 2 then 1 else touch_count - 2 end
                        when place = touch_count
                        then {{ last_share }} * case when touch_count = 2 then 1 else touch_count - 2 end
                        else {{ whole - first_share - last_share }}
                    end
                {%- else -%}
                    1 + cast(
                        round(
                            1000000 * power(
                                cast(0.5 as {{ type_double() }}),
                                age_days / cast({{ var('campaign_half_life_days') }} as {{ type_double() }})
                            )
                        ) as bigint
                    )
                {%- endif %} as weight
            from placed {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    running as (

        select
            weighted.*,
            {{ whole_running('weight', 'attribution_model, id_namespace, conversion_id', 'place, _row_key') }}
            as weight_to_here,
            cast(
                sum(weight) over (partition by attribution_model, id_namespace, conversion_id) as bigint
            ) as weight_of_all
        from weighted

    ),

    shared as (

        select
            running.*,
            {{ money_ratio('amount', 'weight_of_all', 'weight_to_here') }} as amount_to_here,
            {{ money_ratio('amount', 'weight_of_all', '(weight_to_here - weight)') }} as amount_before,
            {{ money_ratio('1', 'weight_of_all', 'weight_to_here') }} as conversion_to_here,
            {{ money_ratio('1', 'weight_of_all', '(weight_to_here - weight)') }} as conversion_before
        from running

    ),

    credited as (

        select
            attribution_model,
            campaign,
            sum(amount_to_here - amount_before) as credited_amount,
            sum(conversion_to_here - conversion_before) as credited_conversion_count
        from shared
        group by attribution_model, campaign
        {% if not by_touches -%}
            {# orders without a touch before them #}
            union all
            select
                models.attribution_model,
                'No campaign' as campaign,
                sum(conversions.amount) as credited_amount,
                count(*) as credited_conversion_count
            from conversions
            left join
                (select distinct id_namespace, conversion_id from paths) as credited
                on conversions.id_namespace = credited.id_namespace
                and conversions.conversion_id = credited.conversion_id
            cross join
                (
                    {% for model in models -%}
                        select '{{ model }}' as attribution_model {{ 'union all' if not loop.last }}
                    {% endfor %}
                ) as models
            where credited.conversion_id is null
            group by models.attribution_model
        {%- endif %}

    ),

    {# on these alone can the models differ #}
    shared_conversions as (

        select count(case when place = 1 and touch_count > 1 then 1 end) as multi_touch_conversion_count from placed

    ),

    summed as (

        select
            attribution_model,
            campaign,
            sum(credited_amount) as credited_amount,
            sum(credited_conversion_count) as credited_conversion_count
        from credited
        group by attribution_model, campaign

    )

select
    attribution_model,
    campaign,
    cast(credited_amount as decimal(38, 4)) as credited_amount,
    cast(credited_conversion_count as decimal(38, 4)) as credited_conversion_count,
    cast(credited_amount as {{ type_double() }}) / nullif(
        cast(sum(credited_amount) over (partition by attribution_model) as {{ type_double() }}), 0
    ) as credited_rate,
    rank() over (partition by attribution_model order by credited_amount desc) as credited_rank,
    cast(round(sum(credited_conversion_count) over (partition by attribution_model)) as bigint) as conversion_count,
    shared_conversions.multi_touch_conversion_count
from summed
cross join shared_conversions
