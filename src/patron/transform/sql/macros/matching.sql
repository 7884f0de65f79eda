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
    cast(coalesce(before.net_amount, 0) as {{ type_total() }}) as before_net_amount,
    coalesce(before.order_count, 0) as before_order_count,
    cast(coalesce(later.net_amount, 0) as {{ type_total() }}) as after_net_amount,
    coalesce(later.order_count, 0) as after_order_count
from cases
left join spent as before on cases.customer_id = before.customer_id and cases.window_number - 1 = before.window_number
left join spent as later on cases.customer_id = later.customer_id and cases.window_number + 1 = later.window_number
{%- endmacro %}

{# The average order of the shop in ten-thousandths, as one row. #}
{% macro average_order_units() -%}
select {{ in_ten_thousandths(money_ratio('sum(net_amount)', 'sum(order_count)')) }} as in_units
from {{ ref('customer_totals') }}
{%- endmacro %}

{# Spend in halves of that average order, 0 for none, 20 for ten orders or more: a unit that fits any currency. #}
{% macro spend_bin(amount) -%}
case
    when {{ amount }} <= 0 or coalesce(average_order.in_units, 0) <= 0
    then 0
    when {{ amount }} * 1000 >= average_order.in_units
    then 20
    else 1 + {{ whole_divide('2 * ' ~ in_ten_thousandths(amount), 'average_order.in_units') }}
end
{%- endmacro %}

{# Named steps from `observed` (`of`, the columns of `cells`, is_case, seen) to `matched_means`. of: the columns that name
   one comparison. #}
{% macro matched_means(cells, of=['comparison', 'measure']) -%}
{%- set by = (of + cells) | join(', ') -%}
cells as (

    select
        {{ by }},
        count(case when is_case then 1 end) as case_count,
        count(case when not is_case then 1 end) as other_count,
        {{ steady_sum('case when is_case then seen else 0 end') }} as case_sum,
        {{ steady_sum('case when not is_case then seen else 0 end') }} as other_sum,
        {{ steady_sum('case when is_case then ' ~ square('seen') ~ ' else 0 end') }} as case_squares,
        {{ steady_sum('case when not is_case then ' ~ square('seen') ~ ' else 0 end') }} as other_squares
    from observed
    group by {{ by }}

),

{{ means_of_cells(of) }}
{%- endmacro %}

{# Named steps from `cells` (`of`, and of case_ and other_ the count, sum and squares) to `matched_means`: the mean of the
   cases, and that of the others weighted like the cases over the cells. Cells without both kinds are left out, and their
   cases are counted. null_error: the standard error where nothing has an effect, of drawing the cases of each cell from
   the cell by chance. standard_error: by each group's own variance in each cell; one customer's is taken to be the
   cell's. even_count: as many others of equal weight would tell as much. #}
{% macro means_of_cells(of=['comparison', 'measure']) -%}
{%- set double, by = type_double(), of | join(', ') -%}
matched as (

    select
        cells.*,
        cast(case_count as {{ double }}) * case_count / other_count as other_weight,
        {{ variance_of_sums('case_sum + other_sum', 'case_squares + other_squares', 'case_count + other_count') }}
        as variance,
        {% for kind in ['case', 'other'] -%}
            {{ variance_of_sums(kind ~ '_sum', kind ~ '_squares', kind ~ '_count') }} as {{ kind }}_variance
            {{- ',' if not loop.last }}
        {% endfor %}
    from cells
    where case_count > 0 and other_count > 0

),

pooled as (

    select
        {{ by }},
        cast(sum(case_count) as {{ double }}) as case_count,
        cast(sum(other_count) as {{ double }}) as other_count,
        {{ steady_sum('case_sum') }} as case_sum,
        {{ steady_sum('case_count * other_sum / other_count') }} as expected_sum,
        {{ steady_sum('other_weight') }} as other_weight,
        {{ steady_sum('variance * (case_count + other_weight)') }} as null_variance,
        {{ steady_sum(
            'coalesce(case_variance, variance) * case_count + coalesce(other_variance, variance) * other_weight'
        ) }} as own_variance
    from matched
    group by {{ by }}

),

unmatched as (

    select {{ by }}, {{ whole_sum('case_count') }} as unmatched_count
    from cells
    where other_count = 0
    group by {{ by }}

),

matched_means as (

    select
        {% for column in of %}pooled.{{ column }},
        {% endfor -%}
        pooled.case_count,
        pooled.other_count,
        coalesce(unmatched.unmatched_count, 0) as unmatched_count,
        pooled.case_count * pooled.case_count / pooled.other_weight as even_count,
        pooled.case_sum / pooled.case_count as case_mean,
        pooled.expected_sum / pooled.case_count as other_mean,
        sqrt(pooled.null_variance) / pooled.case_count as null_error,
        sqrt(pooled.own_variance) / pooled.case_count as standard_error
    from pooled
    left join unmatched on {% for column in of %}pooled.{{ column }} = unmatched.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}

)
{%- endmacro %}

{# How many orders a customer had, in bands: exactly up to ten, then by ever more. Who orders more has more of everything that
   happens to orders, so bands are narrow where most customers are. #}
{% macro order_band(order_count) -%}
case
    when {{ order_count }} <= 10
    then {{ order_count }}
    {% for most in [12, 15, 20, 30, 50, 100] -%}
        when {{ order_count }} <= {{ most }}
        then {{ most }}
    {% endfor -%}
    else 101
end
{%- endmacro %}

{# Days since something, in bands that about double. #}
{% macro days_band(days) -%}
case
    {% for most in [0, 3, 7, 14, 21, 30, 45, 60, 90, 135, 180, 270, 365] -%}
        when {{ days }} <= {{ most }}
        then {{ most }}
    {% endfor -%}
    else 366
end
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

{# A variance from the sum of some numbers and of their squares; null for fewer than two. #}
{% macro variance_of_sums(total, squares, count) -%}
case
    when {{ count }} > 1
    then abs({{ squares }} - ({{ total }}) * ({{ total }}) / ({{ count }})) / ({{ count }} - 1)
end
{%- endmacro %}

{% macro square(number) -%}
cast({{ number }} as {{ type_double() }}) * {{ number }}
{%- endmacro %}

{# The step from `matched_means` of shares to `differences`, which compare_many reads: their difference with its 95% interval,
   and how many standard errors it is from 0. #}
{% macro differences_of_rates() -%}
differences as (

    select
        matched_means.*,
        case_mean - other_mean as difference,
        case_mean - other_mean - {{ normal_quantile() }} * standard_error as difference_low,
        case_mean - other_mean + {{ normal_quantile() }} * standard_error as difference_high,
        {{ z_of_rates('case_mean', 'other_mean', 'null_error', 'case_count', 'even_count') }} as z_score
    from matched_means

)
{%- endmacro %}
