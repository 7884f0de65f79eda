{# The first purchase is part of a new customer's value: none of it has been paid yet. #}
{% set margin = 'cast(' ~ var('gross_margin_numerator') ~ ' as ' ~ type_double() ~ ') / ' ~ var('gross_margin_denominator') %}

select
    acquired.acquired_through,
    acquired.acquired_by,
    acquired.customer_count,
    acquired.repeater_count,
    acquired.what_is_missing,
    acquired.expected_purchases_365d,
    acquired.expected_spend,
    {% for years in [1, 3, 5] -%}
        {% for bound in ['', '_low_80', '_high_80'] -%}
            acquired.expected_spend
            * {{ margin }}
            * (
                1 + acquired.discounted_purchases_{{ years }}y{{ bound }}
            ) as expected_value_{{ years }}y{{ bound }}{{ ',' if not (years == 5 and bound == '_high_80') }}
        {% endfor -%}
    {% endfor -%}
from {{ source('predictions', 'new_customer_value') }} as acquired
