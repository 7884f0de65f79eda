{# Times of orders whose source gives only their number, the days since the previous order, the weekday and the hour.

   A customer's first order falls on its weekday in a week of the spread, chosen by a hash of the customer. Each
   later one falls as many days after the previous one as the source says, and then on the first day with the stated
   weekday: a gap that agrees with the weekdays is kept, one that does not (capped, or lost) becomes up to six
   days longer. So orders keep their sequence, their weekdays and their hours. Of several rows with one number, the latest
   counts. Without a number, a weekday from 0 to 6 or an hour from 0 to 23, an order has no time. #}

{% macro rebuilt_times(source_name, customer, number, gap_days, weekday, hour, first_week, spread_weeks, cap_days) -%}
{%- set rows = source('bronze', source_name) -%}
left join (
    select
        _customer,
        _number,
        is_gap_capped,
        {{ at_hour(plus_days("cast('" ~ first_week ~ "' as date)", 'day_number'), 'order_hour') }} as rebuilt_at
    from (
        select
            *,
            sum(
                case
                    when weekday_before is null then {{ week_of('_customer', spread_weeks) }} * 7 + order_weekday
                    else order_gap + mod(mod(order_weekday - weekday_before - order_gap, 7) + 7, 7)
                end
            ) over (partition by _customer order by _number, _row_key rows unbounded preceding) as day_number,
            {{ 'false' if cap_days is none else 'order_gap >= ' ~ cap_days }} as is_gap_capped
        from (
            select
                *, lag(order_weekday) over (partition by _customer order by _number, _row_key) as weekday_before
            from (
                select
                    *, row_number() over (partition by _customer, _number order by _row_key desc) as _recency
                from (
                    select
                        {{ trim_text(customer) }} as _customer,
                        {{ whole(number) }} as _number,
                        case when {{ whole(gap_days) }} > 0 then {{ whole(gap_days) }} else 0 end as order_gap,
                        {{ whole(weekday) }} as order_weekday,
                        {{ whole(hour) }} as order_hour,
                        _row_key
                    from {{ rows }} as every_row
                ) as typed
                where
                    _customer is not null
                    and _number is not null
                    and order_weekday between 0 and 6
                    and order_hour between 0 and 23
            ) as ranked
            where _recency = 1
        ) as follow_each_other
    ) as placed
) as rebuilt
    on {{ trim_text('arrived.' ~ customer) }} = rebuilt._customer
    and {{ whole('arrived.' ~ number) }} = rebuilt._number
{%- endmacro %}

{% macro trim_text(column) %}nullif(trim(cast({{ column }} as {{ type_text() }})), ''){% endmacro %}

{# A whole number that may be written 8, 08 or 8.0; null for anything else. #}
{% macro whole(column) -%}
cast(floor({{ as_double_or_null(trim_text(column)) }}) as int)
{%- endmacro %}

{# 0 .. weeks - 1, from the first four digits of a hash: the same for a customer on every engine, whoever arrives later. #}
{% macro week_of(text, weeks) -%}
{%- if weeks == 1 -%} 0
{%- else -%}
mod(
    {% for place in range(1, 5) -%}
    ({{ position_in("substring(" ~ text_hash(text) ~ ", " ~ place ~ ", 1)", "'0123456789abcdef'") }} - 1) * {{ 16 ** (4 - place) }}{{ ' + ' if not loop.last }}
    {%- endfor %}, {{ weeks }}
)
{%- endif -%}
{%- endmacro %}
