{# What spend models are fitted on. A customer's mean is taken to three digits, and each group is represented by its own mean, so
   larger amounts are grouped more coarsely in proportion. In whole ten-thousandths, so that every engine
   groups alike. Spend is what the shop kept, so that refunds lower it for whoever had them, and an order
   refunded in full is no purchase. Who had back more than they paid, in part for purchases before the data
   begin, counts as 0. #}
with
    buyers as (

        select
            kept_day_count,
            case
                when net_amount > 0 then {{ in_ten_thousandths(money_ratio('net_amount', 'kept_day_count')) }} else 0
            end as mean_units
        from {{ ref('customer_measures') }}
        where kept_day_count > 0

    ),

    steps as (

        select
            buyers.*,
            case
                {% for digits in range(23, 2, -1) -%}
                    when mean_units >= {{ 10 ** digits }} then {{ 10 ** (digits - 2) }}
                {% endfor -%}
                else 1
            end as step
        from buyers

    )

select
    kept_day_count,
    step,
    {{ whole_divide('mean_units', 'step') }} as step_number,
    count(*) as customer_count,
    cast(sum(mean_units) as {{ type_whole_total() }}) as mean_units
from steps
group by kept_day_count, step, {{ whole_divide('mean_units', 'step') }}
