{# Customers by their answers, and how they buy. An attribute with many answers does not form groups, and an answer
   of few customers could identify them: neither is shown, though those few count among the others. #}
with
    answered as (

        select
            attributes.attribute,
            attributes.answer,
            customers.order_count,
            customers.net_amount,
            case when customers.order_count > 0 then 1 else 0 end as is_buyer,
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
            {{ whole_sum('is_lost') }} as churned_count,
            {{ whole_sum('order_count') }} as order_count,
            {{ whole_sum('order_count * order_count') }} as order_squares,
            sum(net_amount) as net_amount,
            sum({{ amount_squared('net_amount') }}) as net_squares
        from answered
        group by attribute, answer

    ),

    totals as (

        select
            attribute,
            count(*) as answer_count,
            {{ whole_sum('buyer_count') }} as buyer_count,
            {{ whole_sum('churned_count') }} as churned_count
        from groups_of_customers
        group by attribute

    ),

    beside as (

        select
            grouped.*,
            totals.buyer_count - grouped.buyer_count as other_buyer_count,
            totals.churned_count - grouped.churned_count as other_churned_count
        from groups_of_customers as grouped
        inner join totals on grouped.attribute = totals.attribute
        where
            totals.answer_count <= {{ var('survey_most_answers') }}
            and grouped.customer_count >= {{ var('survey_least_customers') }}

    ),

    rated as (
        {{ with_rates('beside', {
        'churn_rate': ['churned_count', 'buyer_count'],
        'other_churn_rate': ['other_churned_count', 'other_buyer_count'],
    }) }}
    ),

    compared as ({{ with_difference('rated', 'churn_rate', 'other_churn_rate') }})

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
        {{ mean_end('net_amount', amount_of_squares('net_squares'), 'customer_count', end) }}
        as amount_per_customer_{{ end }},
    {% endfor -%}
    churned_count,
    churn_rate,
    churn_rate_low,
    churn_rate_high,
    other_buyer_count,
    other_churn_rate,
    difference,
    difference_low,
    difference_high,
    {{ reading('difference_low', 'difference_high') }} as reading
from compared
