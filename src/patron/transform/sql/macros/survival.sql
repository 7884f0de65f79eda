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
