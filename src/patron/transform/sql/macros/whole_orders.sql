{# Orders as wholes: which of them new rows change, and which file holds the newest version of one. #}

{# Orders that gained, changed or lost rows of an entity since the last complete build. A row of a key also changes the
   orders that earlier rows of the key belonged to. #}
{% macro orders_of_new_rows(entity) -%}
select id_namespace, order_id
from {{ new_rows(ref('stg_' ~ entity)) }} as arrived
where quarantine_reason is null and order_id is not null
{% if is_keyed(entity) -%}
union all
select earlier.id_namespace, earlier.order_id
from {{ ref('stg_' ~ entity) }} as earlier
inner join
    (
        select distinct _entity_key from {{ new_rows(ref('stg_' ~ entity)) }} as arrived where quarantine_reason is null
    ) as changed
    on earlier._entity_key = changed._entity_key
where earlier.quarantine_reason is null and earlier.order_id is not null
{%- endif -%}
{%- endmacro %}

{# Of the orders of sources whose files hold whole orders, the rows of the newest file. A row that was unreadable and is
   read again comes with a later landing, but belongs to its file. #}
{% macro rows_of_latest_files(rows) -%}
{%- if not var('order_values').get('whole_orders') -%} select * from {{ rows }} as every_row
{%- else -%}
select *
from (
    select
        dated_files.*,
        rank() over (
            partition by source_name, id_namespace, order_id
            order by
                case when updated_at is null then 1 else 0 end, updated_at desc, _file_batch_id desc, _source_file desc
        ) as _file_rank
    from (
        select
            every_row.*,
            max(_batch_id) over (
                partition by source_name, id_namespace, order_id, updated_at, _source_file
            ) as _file_batch_id
        from {{ rows }} as every_row
    ) as dated_files
) as ranked
where _file_rank = 1 or not ({{ is_one_of_sources('source_name', var('order_values')['whole_orders']) }})
{%- endif -%}
{%- endmacro %}

{% macro is_one_of_sources(column, sources) -%}
{{ column }} in ({% for source in sources %}'{{ source }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
