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
    periods.incomplete_reason,
    coalesce(counted.customer_count, 0) as customer_count,
    coalesce(counted.repeat_customer_count, 0) as repeat_customer_count,
    case
        when periods.is_complete
        then cast(counted.repeat_customer_count as {{ type_double() }}) / counted.customer_count
    end as repeat_purchase_rate,
    coalesce(counted.returning_customer_count, 0) as returning_customer_count,
    case
        when periods.period_start_date > bounds.first_date
        then cast(counted.returning_customer_count as {{ type_double() }}) / counted.customer_count
    end as returning_customer_rate
from {{ ref('periods') }} as periods
cross join {{ ref('as_of') }} as bounds
left join counted on periods.period_kind = counted.period_kind and periods.period_start_date = counted.period_start_date
where periods.period_kind in ('week', 'month') and 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}
