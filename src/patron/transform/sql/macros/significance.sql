{# Which differences are clear, when a table makes many comparisons. #}

{# Fewer customers than this in a group are too few for a test by the normal distribution. #}
{% macro least_compared() %}30{% endmacro %}

{# The chance of a standard normal number as far from 0 as z, or farther: the complementary error function of
   |z| / sqrt(2), to 1.2e-7 of its value, also far out (Press et al. 1992, Numerical Recipes, section 6.2). Numbers farther
   than 37 count as 37, beyond which doubles end. #}
{% macro two_sided_tail(z) -%}
{%- set x = '(case when abs(' ~ z ~ ') > 37 then 37e0 else abs(' ~ z ~ ') end / sqrt(2e0))' -%}
{%- set t = '(1 / (1 + 0.5e0 * ' ~ x ~ '))' -%}
{%- set coefficients = [
    '1.00002368e0', '0.37409196e0', '0.09678418e0', '-0.18628806e0', '0.27886807e0',
    '-1.13520398e0', '1.48851587e0', '-0.82215223e0', '0.17087277e0',
] -%}
{%- set sums = namespace(text=coefficients[-1]) -%}
{%- for coefficient in coefficients[:-1] | reverse -%}
    {%- set sums.text = '(' ~ coefficient ~ ' + ' ~ t ~ ' * ' ~ sums.text ~ ')' -%}
{%- endfor -%}
{{ t }} * exp(-{{ x }} * {{ x }} - 1.26551223e0 + {{ t }} * {{ sums.text }})
{%- endmacro %}

{# How many standard errors a difference of means is from 0; null where a group is too small for the normal distribution. A
   difference without any spread is 0. #}
{% macro z_of_means(difference, standard_error, case_count, other_count) -%}
case
    when {{ case_count }} >= {{ least_compared() }} and {{ other_count }} >= {{ least_compared() }}
    then coalesce(({{ difference }}) / nullif({{ standard_error }}, 0), 0)
end
{%- endmacro %}

{# The same of two shares; null also where fewer than five with or without are expected in a group (Cochran 1954). #}
{% macro z_of_rates(rate, other_rate, standard_error, count, other_count) -%}
case
    when
        {% for share in [rate ~ ' + ' ~ other_rate, '2 - ' ~ rate ~ ' - ' ~ other_rate] -%}
            {%- set outer_last = loop.last -%}
            {%- for total in [count, other_count] -%}
                ({{ share }}) * {{ total }} >= 10 {{ 'and ' if not (loop.last and outer_last) }}
            {%- endfor -%}
        {%- endfor %}
    then {{ z_of_means(rate ~ ' - ' ~ other_rate, standard_error, count, other_count) }}
end
{%- endmacro %}

{# The standard error of a difference of two shares, by their common share. #}
{% macro standard_error_of_rates(count, total, other_count, other_total) -%}
{%- set double = type_double() -%}
{%- set n, m = 'cast(' ~ total ~ ' as ' ~ double ~ ')', 'cast(' ~ other_total ~ ' as ' ~ double ~ ')' -%}
{%- set seen = '(' ~ count ~ ' + ' ~ other_count ~ ')' -%}
sqrt({{ seen }} * ({{ n }} + {{ m }} - {{ seen }}) / (nullif({{ n }} * {{ m }}, 0) * ({{ n }} + {{ m }})))
{%- endmacro %}

{# Named steps from `rows` (difference; z_score, null where nothing can be tested) to `compared`, which adds p_value,
   compared_count, adjusted_p_value and reading. Adjusted by Benjamini and Hochberg (1995) over all rows: of the differences
   that are called clear at most 5% are expected to be none, and where nothing has an effect, any is called so in at most 5% of
   the tables. Equal p values have equal ranks, the highest of theirs, so no order is left to chance. #}
{% macro compare_many(rows) -%}
{%- set is_tested = 'case when p_value is null then 0 else 1 end' -%}
{%- set by_rank = 'p_value * compared_count / p_rank' -%}
scored as (select {{ rows }}.*, {{ two_sided_tail('z_score') }} as p_value from {{ rows }}),

ranked as (

    select
        scored.*,
        count(p_value) over () as compared_count,
        count(*) over (partition by {{ is_tested }} order by p_value) as p_rank
    from scored

),

adjusted as (

    select
        ranked.*,
        case
            when p_value is not null
            then
                min(case when {{ by_rank }} > 1 then 1 else {{ by_rank }} end) over (
                    partition by {{ is_tested }} order by p_value desc
                )
        end as adjusted_p_value
    from ranked

),

compared as (

    select
        adjusted.*,
        case
            when adjusted_p_value is null
            then 'too few to compare'
            when adjusted_p_value > 0.05
            then 'no clear difference'
            when difference > 0
            then 'higher'
            else 'lower'
        end as reading
    from adjusted

)
{%- endmacro %}
