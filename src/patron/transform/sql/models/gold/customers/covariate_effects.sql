{# The multipliers of what was known at the first order, each read beside all others that were tested. #}
{% set interval = '1.959964e0 * standard_error' %}

with
    effects as (

        select
            fitted.*,
            fitted.effect as difference,
            case
                when fitted.customer_count >= {{ least_compared() }} and fitted.standard_error > 0
                then fitted.effect / fitted.standard_error
            end as z_score
        from {{ source('predictions', 'covariate_effects') }} as fitted

    ),

    {{ compare_many('effects') }}

select
    process,
    covariate,
    level,
    reference_level,
    customer_count,
    reference_count,
    exp(effect) as multiplier,
    exp(effect - {{ interval }}) as multiplier_low_95,
    exp(effect + {{ interval }}) as multiplier_high_95,
    effect,
    standard_error,
    p_value,
    compared_count,
    adjusted_p_value,
    reading
from compared
