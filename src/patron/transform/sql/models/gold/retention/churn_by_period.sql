{# Two definitions, side by side.
   Active before: customers who bought in the period before, and of those, the ones who did not buy in this one.
   Window: customers who had not churned at the end of the day before the period (bought in the last churn.window_days), and of
   those, the ones who had churned at the end of its last day.

   A customer churns on the first day that the window no longer reaches, counted from the last purchase, unless they
   bought again by then. A customer who churns in a period without having bought in it had not churned at its start; they are
   lost unless they buy again by its end. Only in a period longer than the window can a customer be present at the
   start, buy within it, and have churned at its end: those are counted separately. #}
{% set longest = {'day': 1, 'week': 7, 'month': 31} %}
{% set reach = var('churn_window_days') + 1 %}

with
    periods as (select * from {{ ref('periods') }}),

    purchase_days as (

        select customer_id, activity_date, next_purchase_date from {{ ref('customer_days') }} where sale_line_count > 0

    ),

    leavings as (

        select customer_id, activity_date, next_purchase_date, {{ plus_days('activity_date', reach) }} as gone_date
        from purchase_days
        where next_purchase_date is null or next_purchase_date > {{ plus_days('activity_date', reach) }}

    ),

    {% for period in longest -%}
        {{ period }}_kept as (

            {# a customer's last day in a period is the one whose next day falls outside it #}
            select
                periods.period_start_date,
                count(
                    case when days.next_purchase_date is null or days.next_purchase_date > periods.last_day then 1 end
                ) as customer_count,
                count(
                    case when {{ period_start(period, 'days.next_purchase_date') }} = periods.next_start_date then 1 end
                ) as kept_count,
                count(
                    case when {{ period_start(period, 'days.next_purchase_date') }} > periods.next_start_date then 1 end
                ) as returned_count
            from purchase_days as days
            inner join
                periods
                on {{ period_start(period, 'days.activity_date') }} = periods.period_start_date
                and periods.period_kind = '{{ period }}'
            group by periods.period_start_date

        ),

        {{ period }}_gone as (

            select
                periods.period_start_date,
                leavings.customer_id,
                leavings.activity_date,
                case when leavings.next_purchase_date is not null then 1 else 0 end as has_returned
            from leavings
            inner join
                periods
                on {{ period_start(period, 'leavings.gone_date') }} = periods.period_start_date
                and periods.period_kind = '{{ period }}'
            where
                leavings.gone_date <= periods.last_day
                and (leavings.next_purchase_date is null or leavings.next_purchase_date > periods.last_day)

        ),

        {{ period }}_lost as (

            select period_start_date, count(*) as lost_count, {{ whole_sum('has_returned') }} as returned_count
            from
                (
                    select gone.period_start_date, gone.has_returned
                    from {{ period }}_gone as gone
                    where gone.activity_date < gone.period_start_date
                    {% if reach < longest[period] -%}
                        union all
                        select gone.period_start_date, gone.has_returned
                        from {{ period }}_gone as gone
                        inner join
                            purchase_days as earlier
                            on gone.customer_id = earlier.customer_id
                            and earlier.activity_date < gone.period_start_date
                            and earlier.next_purchase_date >= gone.period_start_date
                            and {{ plus_days('earlier.activity_date', reach) }} >= gone.period_start_date
                        where gone.activity_date >= gone.period_start_date
                    {%- endif %}
                ) as lost
            group by period_start_date

        ),

    {% endfor -%}
    every_period as (

        {% for period in longest -%}
            select
                periods.period_kind,
                periods.period_start_date,
                periods.is_complete,
                periods.incomplete_reason,
                periods.next_start_date > {{ plus_days('bounds.as_of_date', 1) }} as is_running,
                periods.first_day
                > {{ plus_days('bounds.first_date', var('churn_window_days')) }} as is_window_observed,
                coalesce(kept.customer_count, 0) as previous_customer_count,
                coalesce(kept.customer_count - kept.kept_count, 0) as lost_customer_count,
                coalesce(kept.returned_count, 0) as returned_customer_count,
                coalesce(opening.in_window, 0) as window_customer_count,
                coalesce(lost.lost_count, 0) as window_lost_customer_count,
                coalesce(lost.returned_count, 0) as window_returned_customer_count
            from periods
            cross join {{ ref('as_of') }} as bounds
            left join
                periods as earlier
                on periods.period_start_date = earlier.next_start_date
                and earlier.period_kind = '{{ period }}'
            left join {{ period }}_kept as kept on earlier.period_start_date = kept.period_start_date
            left join
                {{ ref('day_measures') }} as opening on opening.calendar_date = {{ plus_days('periods.first_day', -1) }}
            left join {{ period }}_lost as lost on periods.period_start_date = lost.period_start_date
            where periods.period_kind = '{{ period }}' {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select
    period_kind,
    period_start_date,
    is_complete,
    incomplete_reason,
    previous_customer_count,
    lost_customer_count,
    returned_customer_count,
    case
        when not is_running then cast(lost_customer_count as {{ type_double() }}) / nullif(previous_customer_count, 0)
    end as churn_rate,
    case when is_window_observed then window_customer_count end as window_customer_count,
    case when is_window_observed then window_lost_customer_count end as window_lost_customer_count,
    case when is_window_observed then window_returned_customer_count end as window_returned_customer_count,
    case
        when is_window_observed and not is_running
        then cast(window_lost_customer_count as {{ type_double() }}) / nullif(window_customer_count, 0)
    end as window_churn_rate,
    case
        when not is_window_observed
        then 'history not longer than the churn window'
        when is_running
        then 'not over yet'
        when window_customer_count = 0
        then 'no customers'
    end as window_churn_rate_reason
from every_period
where 1 = {{ 1 if is_mapped('order_lines', 'customer_id') else 0 }}
