{# Refunds and discount lines belong to no order, so an order's amount is that of its sale lines after their own discounts. #}
{% set rules = var('questions')['basket_shift'] %}
{% set n = rules['orders'] %}

with
    placed as (

        select
            orders.customer_id,
            totals.order_count,
            orders.order_date,
            orders.unit_count,
            orders.gross_amount + orders.discount_amount as spent_amount,
            row_number() over (
                partition by orders.customer_id order by orders.ordered_at, orders.id_namespace, orders.order_id
            ) as place
        from {{ ref('order_measures') }} as orders
        inner join {{ ref('customer_totals') }} as totals on orders.customer_id = totals.customer_id
        where totals.order_count >= {{ 2 * n }}

    ),

    ends as (

        select
            placed.*,
            case when place <= {{ n }} then 'early' when place > order_count - {{ n }} then 'recent' end as part
        from placed

    ),

    sums as (

        select
            customer_id,
            order_count,
            {% for part in ['early', 'recent'] -%}
                min(case when part = '{{ part }}' then order_date end) as {{ part }}_first_date,
                max(case when part = '{{ part }}' then order_date end) as {{ part }}_last_date,
                sum(case when part = '{{ part }}' then unit_count else 0 end) as {{ part }}_unit_count,
                sum(
                    case when part = '{{ part }}' then spent_amount else 0 end
                ) as {{ part }}_spent_amount{{ ',' if not loop.last }}
            {% endfor %}
        from ends
        where part is not null
        group by customer_id, order_count

    ),

    sized as (

        select
            sums.*,
            {% set by = 'unit_count' if rules['size'] == 'pieces' else 'spent_amount' -%}
            early_{{ by }} as early_size,
            recent_{{ by }} as recent_size
        from sums

    )

select
    customer_id,
    order_count,
    early_first_date,
    early_last_date,
    recent_first_date,
    recent_last_date,
    {{ money_ratio('early_unit_count', by=n) }} as early_units_per_order,
    {{ money_ratio('recent_unit_count', by=n) }} as recent_units_per_order,
    case
        when early_unit_count > 0
        then
            cast(early_unit_count - recent_unit_count as {{ type_double() }})
            / cast(early_unit_count as {{ type_double() }})
    end as unit_drop_rate,
    {{ money_ratio('early_spent_amount', by=n) }} as early_amount_per_order,
    {{ money_ratio('recent_spent_amount', by=n) }} as recent_amount_per_order,
    case
        when early_spent_amount > 0
        then
            cast(early_spent_amount - recent_spent_amount as {{ type_double() }})
            / cast(early_spent_amount as {{ type_double() }})
    end as amount_drop_rate,
    early_size > 0
    and recent_size * {{ rules['kept_denominator'] }} < early_size * {{ rules['kept_numerator'] }} as is_shrinking,
    early_size > 0
    and recent_size * {{ rules['kept_numerator'] }} > early_size * {{ rules['kept_denominator'] }} as is_growing
from sized
