with
    counted as (

        select
            period_start_date,
            {{ whole_sum('customer_count') }} as customer_count,
            {{ whole_sum('customer_count * order_count') }} as order_count,
            {% for orders in [1, 2, 3] -%}
                {{ whole_sum('case when order_count = ' ~ orders ~ ' then customer_count else 0 end') }}
                as customers_with_{{ orders }},
            {% endfor -%}
            {{ whole_sum('case when order_count > 3 then customer_count else 0 end') }} as customers_with_more,
            max(order_count) as most_orders
        from {{ ref('period_customers') }}
        where period_kind = 'week'
        group by period_start_date

    )

select
    periods.period_start_date as week_start_date,
    periods.is_complete,
    periods.incomplete_reason,
    coalesce(counted.customer_count, 0) as customer_count,
    coalesce(counted.order_count, 0) as order_count,
    case
        when periods.is_complete then cast(counted.order_count as {{ type_double() }}) / counted.customer_count
    end as orders_per_customer,
    coalesce(counted.customers_with_1, 0) as one_order_customer_count,
    coalesce(counted.customers_with_2, 0) as two_order_customer_count,
    coalesce(counted.customers_with_3, 0) as three_order_customer_count,
    coalesce(counted.customers_with_more, 0) as more_order_customer_count,
    coalesce(counted.most_orders, 0) as most_order_count
from {{ ref('periods') }} as periods
left join counted on periods.period_start_date = counted.period_start_date
where periods.period_kind = 'week' and 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}
