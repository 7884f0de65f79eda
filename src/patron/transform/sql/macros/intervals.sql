{# 95% intervals, so that nobody mistakes noise for an effect. #}

{% macro normal_quantile() %}1.959963984540054{% endmacro %}

{# Wilson's score interval of a share (Wilson 1927): sound for small groups and for shares near 0 and 1.
   end: 'low' or 'high'. Null for an empty group. #}
{% macro wilson(count, total, end) -%}
{%- set n, z = 'cast(' ~ total ~ ' as ' ~ type_double() ~ ')', normal_quantile() -%}
{%- set p = '(' ~ count ~ ' / nullif(' ~ n ~ ', 0))' -%}
{%- set reach = z ~ ' * sqrt(' ~ p ~ ' * (1 - ' ~ p ~ ') / ' ~ n ~ ' + ' ~ z ~ ' * ' ~ z ~ ' / (4 * ' ~ n ~ ' * ' ~ n ~ '))' -%}
{%- set reached = '(' ~ p ~ ' + ' ~ z ~ ' * ' ~ z ~ ' / (2 * ' ~ n ~ ') ' ~ ('-' if end == 'low' else '+') ~ ' ' ~ reach ~ ') / (1 + ' ~ z ~ ' * ' ~ z ~ ' / ' ~ n ~ ')' -%}
case
    when {{ total }} = 0 then null
    when {{ count }} = {{ 0 if end == 'low' else total }} then {{ 0 if end == 'low' else 1 }}
    else {{ reached }}
end
{%- endmacro %}

{# The interval of a difference of two shares, p - q, from their Wilson intervals (Newcombe 1998, method 10). #}
{% macro newcombe(p, p_low, p_high, q, q_low, q_high, end) -%}
{%- if end == 'low' -%}
({{ p }} - {{ q }}) - sqrt(({{ p }} - {{ p_low }}) * ({{ p }} - {{ p_low }}) + ({{ q_high }} - {{ q }}) * ({{ q_high }} - {{ q }}))
{%- else -%}
({{ p }} - {{ q }}) + sqrt(({{ p_high }} - {{ p }}) * ({{ p_high }} - {{ p }}) + ({{ q }} - {{ q_low }}) * ({{ q }} - {{ q_low }}))
{%- endif -%}
{%- endmacro %}

{# Evidence that something is more frequent than expected: 2 (O ln(O/E) - (O - E)), the log-likelihood ratio of a
   count (Dunning 1993); 0 if it is not more frequent. The chance of so high a count is at most exp(-G2 / 2), whatever
   the counts (Chernoff 1952; Hoeffding 1963 for draws without replacement). expected: a double above 0. #}
{% macro log_likelihood_ratio(seen, expected) -%}
case
    when {{ seen }} > {{ expected }}
    then 2 * ({{ seen }} * ln({{ seen }} / {{ expected }}) - ({{ seen }} - {{ expected }}))
    else 0
end
{%- endmacro %}

{# Every column of some rows, plus shares with their intervals. rates: {name: [count, total]}. #}
{% macro with_rates(rows, rates) -%}
select
    {{ rows }}.*
    {%- for name, parts in rates.items() %},
    cast({{ parts[0] }} as {{ type_double() }}) / nullif({{ parts[1] }}, 0) as {{ name }},
    {{ wilson(parts[0], parts[1], 'low') }} as {{ name }}_low,
    {{ wilson(parts[0], parts[1], 'high') }} as {{ name }}_high
    {%- endfor %}
from {{ rows }}
{%- endmacro %}

{# Every column of such rows, plus the difference of two of their shares with its interval. #}
{% macro with_difference(rows, rate, other) -%}
select
    {{ rows }}.*,
    {{ rate }} - {{ other }} as difference
    {%- for end in ['low', 'high'] %},
    {{ newcombe(rate, rate ~ '_low', rate ~ '_high', other, other ~ '_low', other ~ '_high', end) }} as difference_{{ end }}
    {%- endfor %}
from {{ rows }}
{%- endmacro %}

{# An end of the interval of a mean, from exact sums of values and of their squares; null for fewer than two. #}
{% macro mean_end(values_sum, squares_sum, count, end) -%}
case
    when {{ count }} > 1
    then
        cast({{ values_sum }} as {{ type_double() }}) / {{ count }} {{ '-' if end == 'low' else '+' }} {{ normal_quantile() }} * sqrt(
            abs(
                cast({{ squares_sum }} as {{ type_double() }})
                - cast({{ values_sum }} as {{ type_double() }}) * cast({{ values_sum }} as {{ type_double() }}) / {{ count }}
            ) / ({{ count }} - 1) / {{ count }}
        )
end
{%- endmacro %}
