{# How many customers had one, two, ... orders in each week and month: all that purchase frequency and repeat purchase
   need, from one pass over the days with orders. #}
{% set periods = ['week', 'month'] %}

with
    order_days as (

        select
            customer_id,
            order_count,
            first_order_date,
            {{ period_start('week', 'activity_date') }} as week_start_date,
            {{ period_start('month', 'activity_date') }} as month_start_date
        from {{ ref('customer_days') }}
        where order_count > 0

    ),

    {% for period in periods -%}
        {{ period }}s as (

            select
                {{ period }}_start_date as period_start_date,
                {{ whole_sum('order_count') }} as order_count,
                max(case when first_order_date < {{ period }}_start_date then 1 else 0 end) as bought_before
            from order_days
            group by customer_id, {{ period }}_start_date

        ){{ ',' if not loop.last }}

    {% endfor %}

{% for period in periods -%}
    select
        '{{ period }}' as period_kind,
        period_start_date,
        order_count,
        bought_before = 1 as is_returning,
        count(*) as customer_count
    from {{ period }}s
    group by period_start_date, order_count, bought_before {{ 'union all' if not loop.last }}
{% endfor %}
