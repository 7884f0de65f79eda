with
    counted as (

        select
            period_kind,
            period_start_date,
            {{ whole_sum('customer_count') }} as customer_count,
            {{ whole_sum('case when order_count > 1 then customer_count else 0 end') }} as repeat_customer_count,
            {{ whole_sum('case when is_returning then customer_count else 0 end') }} as returning_customer_count
        from {{ ref('period_customers') }}
        group by period_kind, period_start_date

    )

select
    periods.period_kind,
    periods.period_start_date,
    periods.is_complete,
    coalesce(counted.customer_count, 0) as customer_count,
    coalesce(counted.repeat_customer_count, 0) as repeat_customer_count,
    cast(counted.repeat_customer_count as {{ type_double() }}) / counted.customer_count as repeat_purchase_rate,
    coalesce(counted.returning_customer_count, 0) as returning_customer_count,
    cast(counted.returning_customer_count as {{ type_double() }}) / counted.customer_count as returning_customer_rate
from {{ ref('periods') }} as periods
left join counted on periods.period_kind = counted.period_kind and periods.period_start_date = counted.period_start_date
where periods.period_kind <> 'day' and 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}
