{# Compares customers to whom something happened with similar customers, over the same windows of the calendar. #}

{# What each customer spent in each window of so many days, counted from the shop's first day. Reads `bounds` (first_date). #}
{% macro window_spending(window_days, condition) -%}
{%- set number = whole_divide(days_between('bounds.first_date', 'days.activity_date'), window_days) -%}
select
    days.customer_id,
    {{ number }} as window_number,
    count(case when days.sale_line_count > 0 then 1 end) as purchase_day_count,
    {{ whole_sum('days.order_count') }} as order_count,
    sum(days.net_amount) as net_amount
from {{ ref('customer_days') }} as days
cross join bounds
where {{ condition }}
group by days.customer_id, {{ number }}
{%- endmacro %}

{# What was spent in the windows before and after each case. Reads `cases` (customer_id, window_number, `columns`) and
   `spent`, which is window_spending. #}
{% macro spent_around_cases(columns) -%}
select
    {% for column in columns %}cases.{{ column }},
    {% endfor -%}
    cast(coalesce(before.net_amount, 0) as {{ type_amount() }}) as before_net_amount,
    coalesce(before.order_count, 0) as before_order_count,
    cast(coalesce(later.net_amount, 0) as {{ type_amount() }}) as after_net_amount,
    coalesce(later.order_count, 0) as after_order_count
from cases
left join spent as before on cases.customer_id = before.customer_id and cases.window_number - 1 = before.window_number
left join spent as later on cases.customer_id = later.customer_id and cases.window_number + 1 = later.window_number
{%- endmacro %}

{# The average order of the shop in ten-thousandths, as one row. #}
{% macro average_order_units() -%}
select cast(10000 * {{ money_ratio('sum(net_amount)', 'sum(order_count)') }} as bigint) as in_units
from {{ ref('customer_totals') }}
{%- endmacro %}

{# Spend in halves of that average order, 0 for none, 20 for ten orders or more: a unit that fits any currency. #}
{% macro spend_bin(amount) -%}
case
    when {{ amount }} <= 0 or coalesce(average_order.in_units, 0) <= 0
    then 0
    when {{ amount }} * 1000 >= average_order.in_units
    then 20
    else 1 + {{ whole_divide('cast(' ~ amount ~ ' * 20000 as bigint)', 'average_order.in_units') }}
end
{%- endmacro %}

{# Spend in bands that double from that average order: 0 none, 1 below half of one, 2 below one, 3 below two, ... 6 eight or more. #}
{% macro spend_band(amount) -%}
case
    when {{ amount }} <= 0 or coalesce(average_order.in_units, 0) <= 0
    then 0
    {% for times in [20000, 10000, 5000, 2500, 1250] -%}
        when {{ amount }} * {{ times }} < average_order.in_units
        then {{ loop.index }}
    {% endfor -%}
    else 6
end
{%- endmacro %}

{# Named steps from `observed` (comparison, measure, the columns of `cells`, is_case, seen) to `matched_means`: the mean of
   the cases, and that of the others weighted like the cases over the cells (stratified means; variances pooled
   within each group). Cells without both kinds are left out, and their cases are counted. #}
{% macro matched_means(cells) -%}
{%- set double, by = type_double(), cells | join(', ') -%}
cells as (

    select
        comparison,
        measure,
        {{ by }},
        count(case when is_case then 1 end) as case_count,
        count(case when not is_case then 1 end) as other_count,
        {{ steady_sum('case when is_case then seen else 0 end') }} as case_sum,
        {{ steady_sum('case when not is_case then seen else 0 end') }} as other_sum,
        {{ steady_sum('case when is_case then ' ~ square('seen') ~ ' else 0 end') }} as case_squares,
        {{ steady_sum('case when not is_case then ' ~ square('seen') ~ ' else 0 end') }} as other_squares
    from observed
    group by comparison, measure, {{ by }}

),

matched as (select * from cells where case_count > 0 and other_count > 0),

pooled as (

    select
        comparison,
        measure,
        cast(count(*) as {{ double }}) as cell_count,
        cast(sum(case_count) as {{ double }}) as case_count,
        cast(sum(other_count) as {{ double }}) as other_count,
        {{ steady_sum('case_sum') }} as case_sum,
        {{ steady_sum('case_count * other_sum / other_count') }} as expected_sum,
        {{ steady_sum('case_squares - case_sum * case_sum / case_count') }} as case_within,
        {{ steady_sum('other_squares - other_sum * other_sum / other_count') }} as other_within,
        {{ steady_sum('cast(case_count as ' ~ double ~ ') * case_count / other_count') }} as other_weight
    from matched
    group by comparison, measure

),

unmatched as (

    select comparison, measure, {{ whole_sum('case_count') }} as unmatched_count
    from cells
    where other_count = 0
    group by comparison, measure

),

matched_means as (

    select
        pooled.comparison,
        pooled.measure,
        pooled.case_count,
        pooled.other_count,
        coalesce(unmatched.unmatched_count, 0) as unmatched_count,
        pooled.case_sum / pooled.case_count as case_mean,
        pooled.expected_sum / pooled.case_count as other_mean,
        case
            when pooled.case_count > pooled.cell_count and pooled.other_count > pooled.cell_count
            then
                sqrt(
                    abs(pooled.case_within) / (pooled.case_count - pooled.cell_count) / pooled.case_count
                    + abs(pooled.other_within)
                    / (pooled.other_count - pooled.cell_count)
                    * pooled.other_weight
                    / (pooled.case_count * pooled.case_count)
                )
        end as standard_error
    from pooled
    left join unmatched on pooled.comparison = unmatched.comparison and pooled.measure = unmatched.measure

)
{%- endmacro %}

{# The standard error of the mean of an amount. #}
{% macro standard_error_of_mean(amount) -%}
{%- set total = steady_sum(amount) -%}
case
    when count(*) > 1
    then
        sqrt(
            abs({{ steady_sum(square(amount)) }} - {{ total }} * {{ total }} / count(*))
            / (count(*) - 1)
            / count(*)
        )
end
{%- endmacro %}

{% macro square(number) -%}
cast({{ number }} as {{ type_double() }}) * {{ number }}
{%- endmacro %}
