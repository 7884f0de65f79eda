{# A customer's last day with a sale in a period is the one whose next falls outside it: counting those days counts customers,
   without a distinct count. If the next day is in the following period, the customer was retained. #}
{% set periods = {'week': 'week_start_date', 'month': 'month_start_date', 'quarter': 'quarter_start_date', 'year': 'year_start_date'} %}

with
    dates as (select * from {{ ref('dim_date') }}),

    purchase_days as (

        select activity_date, first_order_date, next_purchase_date
        from {{ ref('customer_days') }}
        where sale_line_count > 0

    ),

    {% for period, start in periods.items() -%}
        {{ period }}_starts as (

            select period_start_date, next_start_date, is_complete, incomplete_reason
            from {{ ref('periods') }}
            where period_kind = '{{ period }}'

        ),

        {{ period }}_customers as (

            select
                dates.{{ start }} as period_start_date,
                count(
                    case when nexts.{{ start }} is null or nexts.{{ start }} > dates.{{ start }} then 1 end
                ) as customer_count,
                count(case when days.activity_date = days.first_order_date then 1 end) as new_customer_count,
                count(case when nexts.{{ start }} = starts.next_start_date then 1 end) as kept_customer_count
            from purchase_days as days
            inner join dates on days.activity_date = dates.calendar_date
            inner join {{ period }}_starts as starts on dates.{{ start }} = starts.period_start_date
            left join dates as nexts on days.next_purchase_date = nexts.calendar_date
            group by dates.{{ start }}

        ),

        {{ period }}_amounts as (

            select
                dates.{{ start }} as period_start_date,
                {{ whole_sum('days.order_count') }} as order_count,
                {{ whole_sum('days.guest_order_count') }} as guest_order_count,
                sum(days.gross_amount) as gross_amount,
                sum(days.discount_amount) as discount_amount,
                sum(days.refund_amount) as refund_amount,
                sum(days.net_amount) as net_amount,
                sum(days.customer_net_amount) as customer_net_amount
            from {{ ref('day_measures') }} as days
            inner join dates on days.calendar_date = dates.calendar_date
            group by dates.{{ start }}

        ),

    {% endfor -%}
    every_period as (

        {% for period, start in periods.items() -%}
            select
                '{{ period }}' as period_kind,
                starts.period_start_date,
                starts.is_complete,
                starts.incomplete_reason,
                customers.customer_count,
                customers.new_customer_count,
                before.customer_count as previous_customer_count,
                before.kept_customer_count as retained_customer_count,
                amounts.order_count,
                amounts.guest_order_count,
                amounts.gross_amount,
                amounts.discount_amount,
                amounts.refund_amount,
                amounts.net_amount,
                amounts.customer_net_amount
            from {{ period }}_amounts as amounts
            inner join {{ period }}_starts as starts on amounts.period_start_date = starts.period_start_date
            left join {{ period }}_customers as customers on amounts.period_start_date = customers.period_start_date
            left join {{ period }}_starts as before_starts on amounts.period_start_date = before_starts.next_start_date
            left join
                {{ period }}_customers as before on before_starts.period_start_date = before.period_start_date
                {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select
    period_kind,
    period_start_date,
    is_complete,
    incomplete_reason,
    coalesce(customer_count, 0) as customer_count,
    coalesce(new_customer_count, 0) as new_customer_count,
    coalesce(previous_customer_count, 0) as previous_customer_count,
    coalesce(retained_customer_count, 0) as retained_customer_count,
    case
        when coalesce(incomplete_reason, '') <> 'not over yet'
        then cast(coalesce(retained_customer_count, 0) as {{ type_double() }}) / nullif(previous_customer_count, 0)
    end as retention_rate,
    order_count,
    guest_order_count,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    {{ money_ratio('net_amount', 'order_count') }} as average_order_value,
    {{ money_ratio('(gross_amount + discount_amount)', 'order_count') }} as average_order_value_before_refunds,
    {{ money_ratio('customer_net_amount', 'customer_count') }} as amount_per_customer
from every_period
