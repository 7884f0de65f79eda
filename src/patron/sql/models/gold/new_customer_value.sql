{# The first purchase is part of what a customer to come is worth: nothing of it has been paid yet. #}
{% set margin = 'cast(' ~ var('gross_margin_numerator') ~ ' as ' ~ type_double() ~ ') / ' ~ var('gross_margin_denominator') %}

select
    groups.acquired_through,
    groups.acquired_by,
    groups.customer_count,
    groups.repeater_count,
    groups.what_is_missing,
    groups.expected_purchases_365d,
    groups.expected_spend * spend.kept_share as expected_spend,
    {% for years in [1, 3, 5] -%}
        {% for bound in ['', '_low_80', '_high_80'] -%}
            groups.expected_spend
            * spend.kept_share
            * {{ margin }}
            * (
                1 + groups.discounted_purchases_{{ years }}y{{ bound }}
            ) as expected_value_{{ years }}y{{ bound }}{{ ',' if not (years == 5 and bound == '_high_80') }}
        {% endfor -%}
    {% endfor -%}
from {{ source('predictions', 'new_customer_value') }} as groups
cross join {{ source('predictions', 'spend_model') }} as spend
