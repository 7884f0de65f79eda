{# Kaplan and Meier (1958), Greenwood's variance (1926), and the log-log interval (Kalbfleisch and Prentice 1980), from sums.

   Logarithms are added as whole numbers of 10^-12: the sum does not depend on the order of addition or on the engine, and a
   survival rate of a thousand steps is right to nine places. #}

{% macro survival_unit() %}1000000000000{% endmacro %}

{# ln(1 - ended / at_risk) in that unit; null if everyone ended, when survival is 0. #}
{% macro survival_log(ended, at_risk) -%}
case
    when {{ ended }} < {{ at_risk }}
    then cast(
        round(ln(cast({{ at_risk }} - {{ ended }} as {{ type_double() }}) / {{ at_risk }}) * {{ survival_unit() }})
        as bigint
    )
end
{%- endmacro %}

{# ended / (at_risk (at_risk - ended)), Greenwood's term, in that unit. #}
{% macro greenwood_term(ended, at_risk) -%}
case
    when {{ ended }} < {{ at_risk }}
    then cast(
        round(
            cast({{ ended }} as {{ type_double() }}) / {{ at_risk }} / ({{ at_risk }} - {{ ended }}) * {{ survival_unit() }}
        ) as bigint
    )
end
{%- endmacro %}

{# An end of a survival rate's interval: S^exp(+-z se), se = sqrt(Greenwood's sum) / |ln S|. Null if S is 1 or 0, for which
   the data give no measure of uncertainty. log_sum, term_sum: whole numbers of the unit. #}
{% macro survival_end(log_sum, term_sum, is_over, end) -%}
case
    when {{ log_sum }} < 0 and not {{ is_over }}
    then exp(
        {{ log_sum }} / cast({{ survival_unit() }} as {{ type_double() }}) * exp(
            {{ '' if end == 'low' else '-' }}{{ normal_quantile() }} * sqrt(
                {{ term_sum }} / cast({{ survival_unit() }} as {{ type_double() }})
            ) * cast({{ survival_unit() }} as {{ type_double() }}) / abs({{ log_sum }})
        )
    )
end
{%- endmacro %}

{# Survival by group, by the week, as the steps `weeks` to `reached`. Reads `lives`: the group's columns, seen_days (how long each
   life was observed) and is_ended (1 if it ended then, 0 if it was only observed that long). Rates are computed by day.
   `reached` has the group, weeks_since, life_count, at_risk_count, ended_count, censored_count, and the sums from which
   survival_rate and survival_end are taken. #}
{% macro survival_by_week(group) -%}
{%- set so_far = 'over (partition by ' ~ group ~ ' order by weeks_since rows unbounded preceding)' -%}
days as (

    select {{ group }}, seen_days, count(*) as life_count, {{ whole_sum('is_ended') }} as ended_count
    from lives
    group by {{ group }}, seen_days

),

risks as (

    select
        days.*,
        cast(sum(life_count) over (partition by {{ group }}) as bigint)
        - {{ whole_running('life_count', group, 'seen_days') }}
        + life_count as at_risk_count
    from days

),

weeks as (

    select
        {{ group }},
        {{ whole_divide('seen_days', '7') }} as weeks_since,
        {{ whole_sum('life_count') }} as life_count,
        {{ whole_sum('ended_count') }} as ended_count,
        max(case when ended_count = at_risk_count then 1 else 0 end) as is_last,
        {{ whole_sum(survival_log('ended_count', 'at_risk_count')) }} as log_sum,
        {{ whole_sum(greenwood_term('ended_count', 'at_risk_count')) }} as term_sum
    from risks
    group by {{ group }}, {{ whole_divide('seen_days', '7') }}

),

{{ group }}s as (

    select {{ group }}, {{ whole_sum('life_count') }} as life_count, max(weeks_since) as last_week
    from weeks
    group by {{ group }}

),

numbers as (select n from ({{ whole_numbers(5) }}) as every_number where n <= (select max(last_week) from {{ group }}s)),

every_week as (

    select
        {{ group }}s.{{ group }},
        numbers.n as weeks_since,
        {{ group }}s.life_count,
        coalesce(weeks.life_count, 0) as left_count,
        coalesce(weeks.ended_count, 0) as ended_count,
        coalesce(weeks.is_last, 0) as is_last,
        coalesce(weeks.log_sum, 0) as log_sum,
        coalesce(weeks.term_sum, 0) as term_sum
    from {{ group }}s
    inner join numbers on numbers.n <= {{ group }}s.last_week
    left join weeks on {{ group }}s.{{ group }} = weeks.{{ group }} and numbers.n = weeks.weeks_since

),

reached as (

    select
        {{ group }},
        cast(weeks_since as bigint) as weeks_since,
        life_count,
        life_count - cast(sum(left_count) {{ so_far }} as bigint) + left_count as at_risk_count,
        ended_count,
        left_count - ended_count as censored_count,
        max(is_last) {{ so_far }} = 1 as is_over,
        cast(sum(log_sum) {{ so_far }} as bigint) as log_sum,
        cast(sum(term_sum) {{ so_far }} as bigint) as term_sum
    from every_week

)
{%- endmacro %}

{# The survival rate of a row of `reached`. #}
{% macro survival_rate() -%}
case when is_over then 0 else exp(log_sum / cast({{ survival_unit() }} as {{ type_double() }})) end
{%- endmacro %}

{# Whether every member of a monthly group has been observed to the end of a week: what is computed from it never changes. #}
{% macro is_month_observed(month, weeks_since, as_of_date) -%}
{{ plus_days(next_period_start('month', month), '7 * ' ~ weeks_since ~ ' + 5') }} <= {{ as_of_date }}
{%- endmacro %}
