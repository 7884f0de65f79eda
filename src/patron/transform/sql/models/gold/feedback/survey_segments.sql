{# Customers by their answers, and how they buy. An attribute with many answers does not form groups, and an answer
   of few customers could identify them: neither is shown, though those few count among the others. Churn is counted for
   those who have been customers for longer than the churn window: nobody else can have churned. #}
with
    answered as (

        select
            attributes.attribute,
            attributes.answer,
            customers.order_count,
            customers.net_amount,
            case when customers.order_count > 0 then 1 else 0 end as is_buyer,
            case
                when customers.order_count > 0 and customers.tenure_days > {{ var('churn_window_days') }} then 1 else 0
            end as is_followed,
            case when customers.order_count > 0 and customers.is_churned then 1 else 0 end as is_lost
        from {{ ref('customer_attributes') }} as attributes
        inner join {{ ref('customer_360') }} as customers on attributes.customer_id = customers.customer_id

    ),

    groups_of_customers as (

        select
            attribute,
            answer,
            count(*) as customer_count,
            {{ whole_sum('is_buyer') }} as buyer_count,
            {{ whole_sum('is_followed') }} as followed_count,
            {{ whole_sum('is_lost') }} as churned_count,
            {{ whole_sum('order_count') }} as order_count,
            {{ whole_sum('order_count * order_count') }} as order_squares,
            sum(net_amount) as net_amount,
            {{ steady_sum(square('net_amount')) }} as net_squares
        from answered
        group by attribute, answer

    ),

    totals as (

        select
            attribute,
            count(*) as answer_count,
            {{ whole_sum('followed_count') }} as followed_count,
            {{ whole_sum('churned_count') }} as churned_count
        from groups_of_customers
        group by attribute

    ),

    beside as (

        select
            grouped.*,
            totals.followed_count - grouped.followed_count as other_followed_count,
            totals.churned_count - grouped.churned_count as other_churned_count
        from groups_of_customers as grouped
        inner join totals on grouped.attribute = totals.attribute
        where
            totals.answer_count <= {{ var('survey_most_answers') }}
            and grouped.customer_count >= {{ var('survey_least_customers') }}

    ),

    rated as (
        {{ with_rates('beside', {
        'churn_rate': ['churned_count', 'followed_count'],
        'other_churn_rate': ['other_churned_count', 'other_followed_count'],
    }) }}
    ),

    differences as ({{ with_difference('rated', 'churn_rate', 'other_churn_rate') }}),

    tested as (

        select
            differences.*,
            {{ z_of_rates(
                'churn_rate', 'other_churn_rate',
                standard_error_of_rates('churned_count', 'followed_count', 'other_churned_count', 'other_followed_count'),
                'followed_count', 'other_followed_count'
            ) }}
            as z_score
        from differences

    ),

    {{ compare_many('tested') }}

select
    attribute,
    answer,
    customer_count,
    buyer_count,
    order_count,
    cast(order_count as {{ type_double() }}) / customer_count as orders_per_customer,
    {% for end in ['low', 'high'] -%}
        {{ mean_end('order_count', 'order_squares', 'customer_count', end) }} as orders_per_customer_{{ end }},
    {% endfor -%}
    net_amount,
    {{ money_ratio('net_amount', 'customer_count') }} as amount_per_customer,
    {% for end in ['low', 'high'] -%}
        {{ mean_end('net_amount', 'net_squares', 'customer_count', end) }} as amount_per_customer_{{ end }},
    {% endfor -%}
    followed_count,
    churned_count,
    churn_rate,
    churn_rate_low,
    churn_rate_high,
    other_followed_count,
    other_churn_rate,
    difference,
    difference_low,
    difference_high,
    p_value,
    compared_count,
    adjusted_p_value,
    reading
from compared
