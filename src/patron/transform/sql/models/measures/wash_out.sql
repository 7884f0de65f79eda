{# How long, from the first day of the data, customers who are seen for the first time may have bought before. Where the data begin
   later than the shop, old customers return beside the new ones: first-time buyers are many at first, and fall to the number that
   the shop wins. The wash-out ends with the first 30 days in which they come at most a third more often than in the later half of
   the data, and at the latest with the earlier half. Data that show less of a fall begin with the shop, as far as they tell. #}
{% set opened = var('shop_opened') %}
{% set block_days = 30 %}

with
    bounds as (

        select
            first_date,
            as_of_date,
            {{ days_between('first_date', 'as_of_date') }} + 1 as day_count,
            {{ whole_divide(days_between('first_date', 'as_of_date') ~ ' + 1', 2) }} as half_days
        from {{ ref('as_of') }}

    ),

    customers as (

        select {{ days_between('bounds.first_date', 'customers.first_order_date') }} as day_number, bounds.half_days
        from {{ ref('customer_measures') }} as customers
        cross join bounds
        where customers.order_count > 0

    ),

    later as (select count(*) as customer_count from customers where day_number >= half_days),

    blocks as (

        select {{ whole_divide('day_number', block_days) }} as block_number, count(*) as customer_count
        from customers
        group by {{ whole_divide('day_number', block_days) }}

    ),

    compared as (

        select
            bounds.first_date,
            bounds.day_count,
            bounds.half_days,
            later.customer_count as later_count,
            {# Per day: block / block_days against later / (day_count - half_days), without a division. #}
            coalesce(
                max(
                    case
                        when blocks.block_number = 0
                        then
                            case
                                when
                                    blocks.customer_count * (bounds.day_count - bounds.half_days) * 2
                                    > later.customer_count * {{ block_days }} * 3
                                then 1
                                else 0
                            end
                    end
                ),
                0
            ) as falls,
            min(
                case
                    when
                        blocks.block_number > 0
                        and blocks.customer_count * (bounds.day_count - bounds.half_days) * 3
                        <= later.customer_count * {{ block_days }} * 4
                    then blocks.block_number * {{ block_days }}
                end
            ) as even_days
        from bounds
        cross join later
        left join blocks on 1 = 1
        group by bounds.first_date, bounds.day_count, bounds.half_days, later.customer_count

    ),

    judged as (

        select
            compared.*,
            case
                {% if opened -%}
                    when cast('{{ opened }}' as date) >= {{ plus_days('first_date', -block_days) }}
                    then 'the data begin with the shop'
                {% endif -%}
                when day_count < 6 * {{ block_days }}
                then 'the data are too short to tell'
                when later_count < 30
                then 'too few are first seen in the later half of the data to tell'
                {% if opened -%} when 1 = 1 then 'the shop is older than the data'
                {%- else -%} when falls = 1 then 'first-time buyers fall as in a shop that is older than its data'
                {%- endif %}
                else 'first-time buyers do not fall as in a shop that is older than its data'
            end as reason
        from compared

    ),

    measured as (

        select
            judged.*,
            case
                when
                    reason in (
                        'the data are too short to tell', 'too few are first seen in the later half of the data to tell'
                    )
                then null
                when
                    reason in (
                        'the shop is older than the data',
                        'first-time buyers fall as in a shop that is older than its data'
                    )
                then case when even_days < half_days then even_days else half_days end
                else 0
            end as wash_out_days
        from judged

    )

select
    first_date as data_start_date,
    wash_out_days,
    {{ plus_days('first_date', 'wash_out_days') }} as new_since_date,
    reason as wash_out_reason
from measured
