{# The day by which a next purchase is made with a probability, moved no further than to agree with the one probability of a
   purchase within 30, 60, 90 and 365 days, which may be from another model: on the last day of a window if that is as likely by
   then, and after it if it is not. The probabilities do not fall from window to window. #}
{% macro agree_with_chances(date, chance, as_of) -%}
{%- set windows = [30, 60, 90, 365] -%}
case
    {% for days in windows -%}
        when chances.probability_of_purchase_{{ days }}d >= {{ chance }}
        then
            case
                {% if not loop.first -%}
                    {%- set before = windows[loop.index0 - 1] -%}
                    when {{ date }} <= {{ plus_days(as_of, before) }}
                    then {{ plus_days(as_of, before + 1) }}
                {% endif -%}
                when {{ date }} <= {{ plus_days(as_of, days) }}
                then {{ date }}
                else {{ plus_days(as_of, days) }}
            end
    {% endfor -%}
    {% for days in windows | reverse -%}
        when chances.probability_of_purchase_{{ days }}d < {{ chance }} and {{ date }} <= {{ plus_days(as_of, days) }}
        then {{ plus_days(as_of, days + 1) }}
    {% endfor -%}
    else {{ date }}
end
{%- endmacro %}
