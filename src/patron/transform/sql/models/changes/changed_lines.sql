{# What the measures must recompute: where order lines arrived, disappeared, or moved past as_of since the last complete
   build. Not used before the first build, or if order_lines was built in full. #}
{% set lines, as_of = ref('order_lines'), ref('as_of') %}
{% set orders = ref('changed_orders') if is_built_by_order() else none %}
{% set columns = ['_batch_id', 'id_namespace', 'order_id', 'order_date', 'customer_id', 'product_id'] | join(', ') %}

select {{ columns }}
{% if is_incremental_build() and is_built_by_order() -%}
    from
        (
            select lines.*
            from {{ lines }} as lines
            inner join
                (select distinct id_namespace, order_id from {{ orders }}) as changed_orders
                on lines.id_namespace = changed_orders.id_namespace
                and lines.order_id = changed_orders.order_id
        ) as lines_of_changed_orders
{%- else -%} from {{ lines }} where {{ is_new() if is_incremental_build() else '1 = 0' }}
{%- endif %}
{% if is_incremental_build() -%}
    {% if is_built_by_order() or 'order_lines' in var('keyed_entities') -%}
        union all
        select {{ columns }}
        from {{ removed_rows('order_lines') }}
    {% endif -%}
    union all
    select {{ columns }}
    from {{ lines }}
    cross join
        (
            select
                coalesce(max(as_of_date), cast('{{ before_all_days() }}' as date)) as as_of_date,
                cast(
                    coalesce(nullif('{{ refresh_plan()["as_of_date"] }}', ''), '{{ before_all_days() }}') as date
                ) as previous_date
            from {{ as_of }}
        ) as bounds
    where
        (order_date > bounds.previous_date and order_date <= bounds.as_of_date)
        or (order_date > bounds.as_of_date and order_date <= bounds.previous_date)
{%- endif %}
