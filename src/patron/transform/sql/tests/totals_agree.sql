{# The same money by every way there is to add it up: the ledger, the days, the channels, each kind of period, the shop to date,
   and the customers with the guests. And orders: those of days and channels are each counted once, those of customers once
   for each customer that an order names. One row per pair that differs. #}
with
    bounds as (select * from {{ ref('as_of') }}),

    ledger as (

        select coalesce(sum(ledger.gross_amount + ledger.discount_amount + ledger.refund_amount), 0) as net_amount
        from {{ ref('ledger') }} as ledger
        inner join bounds on ledger.ledger_date <= bounds.as_of_date

    ),

    days as (select coalesce(sum(net_amount), 0) as net_amount from {{ ref('daily_metrics') }}),

    guests as (

        select coalesce(sum(lines.line_amount), 0) as net_amount
        from {{ ref('order_lines') }} as lines
        inner join bounds on lines.order_date <= bounds.as_of_date
        where lines.customer_id is null and lines.line_kind in ('sale', 'discount', 'return')

    ),

    customers as (select coalesce(sum(net_amount), 0) as net_amount from {{ ref('customer_360') }}),

    compared as (

        select 'ledger = daily_metrics' as broken_rule, ledger.net_amount - days.net_amount as difference
        from ledger
        cross join days
        union all
        select
            'ledger = customer_360 + guests' as broken_rule,
            ledger.net_amount - customers.net_amount - guests.net_amount as difference
        from ledger
        cross join customers
        cross join guests
        union all
        select
            'orders of days = orders of the shop' as broken_rule,
            (select coalesce(sum(order_count), 0) from {{ ref('daily_metrics') }})
            - (select count(*) from {{ ref('order_measures') }} where is_counted) as difference
        from bounds
        union all
        select
            'days = the shop to date' as broken_rule,
            days.net_amount - (
                select coalesce(sum(shop.net_amount), 0)
                from {{ ref('kpi_overall') }} as shop
                inner join bounds on shop.kpi_date = bounds.as_of_date
            )
        from days
        union all
        select
            'orders of days = orders of the shop to date' as broken_rule,
            (select coalesce(sum(order_count), 0) from {{ ref('daily_metrics') }}) - (
                select coalesce(sum(shop.order_count), 0)
                from {{ ref('kpi_overall') }} as shop
                inner join bounds on shop.kpi_date = bounds.as_of_date
            )
        from bounds
        union all
        select 'days = each ' || periods.period_kind as broken_rule, days.net_amount - periods.net_amount
        from days
        cross join
            (
                select period_kind, sum(net_amount) as net_amount from {{ ref('period_metrics') }} group by period_kind
            ) as periods
        union all
        {% if is_mapped('order_lines', 'channel') -%}
            select
                'days = channels' as broken_rule,
                days.net_amount - (select coalesce(sum(net_amount), 0) from {{ ref('daily_metrics_by_channel') }})
            from days
            union all
            select
                'orders of days = orders of channels' as broken_rule,
                (select coalesce(sum(order_count), 0) from {{ ref('daily_metrics') }})
                - (select coalesce(sum(order_count), 0) from {{ ref('daily_metrics_by_channel') }})
            from bounds
            union all
        {% endif -%}
        select
            'orders of customers = orders of the shop by customer' as broken_rule,
            (select coalesce(sum(order_count), 0) from {{ ref('customer_360') }})
            - (select count(*) from {{ ref('order_measures') }} where customer_id is not null) as difference
        from bounds

    )

select broken_rule, 1 as row_count, difference
from compared
where difference <> 0
