{# Three looks, each more careful than the one before: promoted and never promoted customers as they are; promoted
   customers before and after; promoted customers and others who bought in the same window and had spent about as much in
   the window before (in halves of the average order), weighted as the promoted ones are spread (stratified means;
   variances pooled within each group). #}
{% set is_asked = maps_promotions() %}
{% set double = type_double() %}

with
    {# half of the average order, in ten-thousandths #}
    average_order as (

        select
            cast(
                10000 * {{ money_ratio('sum(net_amount)', 'sum(order_count)') }} as {{ dbt.type_bigint() }}
            ) as in_units
        from {{ ref('customer_totals') }}

    ),

    customers as (

        select
            promoted_order_count > 0 as is_promoted,
            cast(historical_clv as {{ double }}) as historical_clv,
            cast(net_amount as {{ double }})
            * 7
            / case when tenure_days < 7 then 7 else tenure_days end as amount_per_week,
            visits_per_week
        from {{ ref('customer_360') }}
        where order_count > 0 and 1 = {{ 1 if is_asked else 0 }}

    ),

    windows as (

        select
            windows.window_number,
            windows.is_promoted,
            cast(windows.before_net_amount as {{ double }}) as before_net_amount,
            cast(windows.after_net_amount as {{ double }}) as after_net_amount,
            cast(windows.before_order_count as {{ double }}) as before_order_count,
            cast(windows.after_order_count as {{ double }}) as after_order_count,
            case
                when windows.before_net_amount <= 0 or coalesce(average_order.in_units, 0) <= 0
                then 0
                when windows.before_net_amount * 1000 >= average_order.in_units
                then 20
                else
                    1
                    + {{ whole_divide(
                        'cast(windows.before_net_amount * 20000 as ' ~ dbt.type_bigint() ~ ')', 'average_order.in_units'
                    ) }}
            end as spend_bin
        from {{ ref('promotion_windows') }} as windows
        cross join average_order

    ),

    observed as (

        {% for measure in ['historical_clv', 'amount_per_week', 'visits_per_week'] -%}
            select
                'promoted and never promoted' as comparison,
                '{{ measure }}' as measure,
                0 as window_number,
                0 as spend_bin,
                is_promoted,
                {{ measure }} as seen
            from customers
            where {{ measure }} is not null
            union all
        {% endfor -%}
        {% for measure in ['net_amount', 'order_count'] -%}
            select
                'matched on window and earlier spend' as comparison,
                '{{ measure }}' as measure,
                window_number,
                spend_bin,
                is_promoted,
                after_{{ measure }} as seen
            from windows {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    cells as (

        select
            comparison,
            measure,
            window_number,
            spend_bin,
            count(case when is_promoted then 1 end) as promoted_count,
            count(case when not is_promoted then 1 end) as other_count,
            sum(case when is_promoted then seen else 0 end) as promoted_sum,
            sum(case when not is_promoted then seen else 0 end) as other_sum,
            sum(case when is_promoted then seen * seen else 0 end) as promoted_squares,
            sum(case when not is_promoted then seen * seen else 0 end) as other_squares
        from observed
        group by comparison, measure, window_number, spend_bin

    ),

    matched as (select * from cells where promoted_count > 0 and other_count > 0),

    pooled as (

        select
            comparison,
            measure,
            cast(count(*) as {{ double }}) as cell_count,
            cast(sum(promoted_count) as {{ double }}) as promoted_count,
            cast(sum(other_count) as {{ double }}) as other_count,
            sum(promoted_sum) as promoted_sum,
            sum(promoted_count * other_sum / other_count) as expected_sum,
            sum(promoted_squares - promoted_sum * promoted_sum / promoted_count) as promoted_within,
            sum(other_squares - other_sum * other_sum / other_count) as other_within,
            sum(cast(promoted_count as {{ double }}) * promoted_count / other_count) as other_weight
        from matched
        group by comparison, measure

    ),

    unmatched as (

        select comparison, measure, {{ whole_sum('promoted_count') }} as unmatched_count
        from cells
        where other_count = 0
        group by comparison, measure

    ),

    looks as (

        select
            pooled.comparison,
            pooled.measure,
            pooled.promoted_count,
            pooled.other_count,
            coalesce(unmatched.unmatched_count, 0) as unmatched_count,
            pooled.promoted_sum / pooled.promoted_count as promoted_mean,
            pooled.expected_sum / pooled.promoted_count as other_mean,
            case
                when pooled.promoted_count > pooled.cell_count and pooled.other_count > pooled.cell_count
                then
                    sqrt(
                        abs(pooled.promoted_within)
                        / (pooled.promoted_count - pooled.cell_count)
                        / pooled.promoted_count
                        + abs(pooled.other_within)
                        / (pooled.other_count - pooled.cell_count)
                        * pooled.other_weight
                        / (pooled.promoted_count * pooled.promoted_count)
                    )
            end as standard_error
        from pooled
        left join unmatched on pooled.comparison = unmatched.comparison and pooled.measure = unmatched.measure
        {% for measure in ['net_amount', 'order_count'] %}
                {%- set change = '(after_' ~ measure ~ ' - before_' ~ measure ~ ')' %}
            union all
            select
                'before and after' as comparison,
                '{{ measure }}' as measure,
                cast(count(*) as {{ double }}) as promoted_count,
                cast(count(*) as {{ double }}) as other_count,
                0 as unmatched_count,
                sum(after_{{ measure }}) / count(*) as promoted_mean,
                sum(before_{{ measure }}) / count(*) as other_mean,
                case
                    when count(*) > 1
                    then
                        sqrt(
                            abs(sum({{ change }} * {{ change }}) - sum({{ change }}) * sum({{ change }}) / count(*))
                            / (count(*) - 1)
                            / count(*)
                        )
                end as standard_error
            from windows
            where is_promoted
            having count(*) > 0
        {% endfor %}
    ),

    ends as (

        select
            looks.*,
            promoted_mean - other_mean - {{ normal_quantile() }} * standard_error as difference_low,
            promoted_mean - other_mean + {{ normal_quantile() }} * standard_error as difference_high
        from looks

    )

select
    comparison,
    measure,
    cast(promoted_count as {{ dbt.type_bigint() }}) as promoted_count,
    cast(other_count as {{ dbt.type_bigint() }}) as other_count,
    cast(unmatched_count as {{ dbt.type_bigint() }}) as unmatched_count,
    round(promoted_mean, 4) as promoted_mean,
    round(other_mean, 4) as other_mean,
    round(promoted_mean - other_mean, 4) as difference,
    round(difference_low, 4) as difference_low,
    round(difference_high, 4) as difference_high,
    {{ reading('difference_low', 'difference_high') }} as reading
from ends
