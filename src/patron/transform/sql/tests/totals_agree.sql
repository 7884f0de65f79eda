{# The same money in three ways: the ledger, the days, and the customers with the guests. And orders in two: those of days are each
   counted once, those of customers once for each customer that an order names. One row per pair that differs. #}
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
            'orders of customers = orders of the shop by customer' as broken_rule,
            (select coalesce(sum(order_count), 0) from {{ ref('customer_360') }})
            - (select count(*) from {{ ref('order_measures') }} where customer_id is not null) as difference
        from bounds

    )

select broken_rule, 1 as row_count, difference
from compared
where difference <> 0
