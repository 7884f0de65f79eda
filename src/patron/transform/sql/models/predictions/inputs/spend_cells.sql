{# What spend models are fitted on. A customer's mean is taken to three digits, and each group is represented by its own mean, so
   larger amounts are grouped more coarsely in proportion. In whole ten-thousandths, so that every engine
   groups alike. Refunds are kept apart: they come later than purchases, and follow another law. #}
with
    buyers as (

        select
            purchase_day_count,
            cast(
                {{ money_ratio('gross_amount + discount_amount', 'purchase_day_count') }} * 10000 as bigint
            ) as mean_units,
            gross_amount + discount_amount as spend_amount,
            refund_amount
        from {{ ref('customer_measures') }}
        where purchase_day_count > 0

    ),

    steps as (

        select
            buyers.*,
            case
                {% for digits in range(17, 2, -1) -%}
                    when mean_units >= {{ 10 ** digits }} then {{ 10 ** (digits - 2) }}
                {% endfor -%}
                else 1
            end as step
        from buyers

    )

select
    purchase_day_count,
    step,
    {{ whole_divide('mean_units', 'step') }} as step_number,
    count(*) as customer_count,
    {{ whole_sum('mean_units') }} as mean_units,
    cast(sum(spend_amount) as {{ type_amount() }}) as spend_amount,
    cast(sum(refund_amount) as {{ type_amount() }}) as refund_amount
from steps
group by purchase_day_count, step, {{ whole_divide('mean_units', 'step') }}
