{# A customer's last day with a sale in a month is the one whose next falls outside it: counting those days counts customers,
   in one pass over customers' days, without a distinct count or a join. #}
with
    days as (

        select
            {{ month_number('first_order_date') }} as cohort_number,
            {{ month_number('activity_date') }} as activity_number,
            case
                when
                    sale_line_count > 0
                    and coalesce({{ month_number('next_purchase_date') }} > {{ month_number('activity_date') }}, true)
                then 1
            end as is_last_of_month,
            net_amount
        from {{ ref('customer_days') }}
        where first_order_date is not null

    ),

    active as (

        select
            cohort_number,
            activity_number,
            count(is_last_of_month) as active_customer_count,
            sum(net_amount) as net_amount
        from days
        where activity_number >= cohort_number
        group by cohort_number, activity_number

    ),

    months as (

        select
            {{ month_number('period_start_date') }} as month_number,
            period_start_date as month_start_date,
            incomplete_reason = 'not over yet' as is_running,
            incomplete_reason
        from {{ ref('periods') }}
        where period_kind = 'month'

    ),

    cohorts as (

        select
            active.cohort_number,
            months.month_start_date as cohort_month_date,
            active.active_customer_count as customer_count,
            active.net_amount as first_month_net_amount
        from active
        inner join months on active.cohort_number = months.month_number
        where active.activity_number = active.cohort_number

    )

select
    cohorts.cohort_month_date,
    coalesce(cohorts.cohort_month_date >= wash_out.new_since_date, true) as is_new,
    wash_out.new_since_date,
    cast(months.month_number - cohorts.cohort_number as int) as months_since,
    months.month_start_date as activity_month_date,
    months.incomplete_reason is null as is_complete,
    months.incomplete_reason,
    cohorts.customer_count,
    coalesce(active.active_customer_count, 0) as active_customer_count,
    case
        when not coalesce(months.is_running, false)
        then cast(coalesce(active.active_customer_count, 0) as {{ type_double() }}) / nullif(cohorts.customer_count, 0)
    end as retention_rate,
    cohorts.first_month_net_amount,
    coalesce(active.net_amount, 0) as net_amount,
    case
        when cohorts.first_month_net_amount > 0 and not coalesce(months.is_running, false)
        then
            cast(coalesce(active.net_amount, 0) as {{ type_double() }})
            / cast(cohorts.first_month_net_amount as {{ type_double() }})
    end as revenue_retention_rate
from cohorts
inner join months on cohorts.cohort_number <= months.month_number
left join active on cohorts.cohort_number = active.cohort_number and months.month_number = active.activity_number
cross join {{ ref('wash_out') }} as wash_out
