{# Customers' labels on each observed day, kept as changes. Observing a day again, or one between two others,
   replaces the changes of that day and of the next observed day; all others stay. #}
{% set labels = ['segment', 'clv_tier', 'churn_group'] %}

with
    bounds as (select as_of_date from {{ ref('as_of') }}),

    known as (select * from {{ source('history', 'label_changes') }}),

    next_day as (

        select min(known.as_of_date) as next_date
        from known
        cross join bounds
        where known.as_of_date > bounds.as_of_date

    ),

    now as (select customer_id, {{ labels | join(', ') }} from {{ ref('customer_labels') }}),

    {% for name, condition in {
        'before': 'known.as_of_date < bounds.as_of_date',
        'later': 'known.as_of_date <= next_day.next_date'
    }.items() -%}
        {{ name }} as (

            select {{ labels | join(', ') }}, customer_id
            from
                (
                    select
                        known.*,
                        row_number() over (partition by known.customer_id order by known.as_of_date desc) as recency
                    from known
                    cross join bounds
                    cross join next_day
                    where known.customer_id is not null and {{ condition }}
                ) as ranked
            where recency = 1

        ),

    {% endfor -%}
    changed_now as (

        select
            bounds.as_of_date,
            coalesce(now.customer_id, before.customer_id) as customer_id,
            {% for label in labels %} now.{{ label }}{{ ',' if not loop.last }} {% endfor %}
        from now
        full outer join before on now.customer_id = before.customer_id
        cross join bounds
        where
            {% for label in labels -%}
                coalesce(now.{{ label }}, '') <> coalesce(before.{{ label }}, '') {{ 'or' if not loop.last }}
            {% endfor %}

    ),

    changed_next as (

        select
            next_day.next_date as as_of_date,
            coalesce(later.customer_id, now.customer_id) as customer_id,
            {% for label in labels %} later.{{ label }}{{ ',' if not loop.last }} {% endfor %}
        from later
        full outer join now on later.customer_id = now.customer_id
        cross join next_day
        where
            next_day.next_date is not null
            and (
                {% for label in labels -%}
                    coalesce(now.{{ label }}, '') <> coalesce(later.{{ label }}, '') {{ 'or' if not loop.last }}
                {% endfor %}
            )

    ),

    kept as (

        select
            known.as_of_date,
            known.customer_id,
            {% for label in labels %} known.{{ label }}{{ ',' if not loop.last }} {% endfor %}
        from known
        cross join bounds
        cross join next_day
        where
            known.customer_id is not null
            and known.as_of_date <> bounds.as_of_date
            and (next_day.next_date is null or known.as_of_date <> next_day.next_date)

    )

select as_of_date, customer_id, {{ labels | join(', ') }}, false as is_recent
from kept
union all
select as_of_date, customer_id, {{ labels | join(', ') }}, true as is_recent
from changed_now
union all
select as_of_date, customer_id, {{ labels | join(', ') }}, true as is_recent
from changed_next
