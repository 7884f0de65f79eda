{# All the rules of a model in one query; one row per rule that some rows break.
   key: columns that are unique together and never null. never_null: columns.
   one_of: {column: [values]}. between: {column: [least, most]}; null for no limit.
   refers: {column: [model, its column]}. always: [SQL conditions]. #}
{% test holds(model, key=[], never_null=[], one_of={}, between={}, refers={}, always=[]) %}
    {%- set rules = [] -%}
    {%- for c in key + never_null %} {% do rules.append(['never null: ' ~ c, c ~ ' is null']) %} {% endfor -%}
    {%- for c, values in one_of.items() -%}
        {%- set listed = [] -%}
        {%- for v in values %} {% do listed.append("'" ~ escape_text(v | string) ~ "'") %} {% endfor -%}
        {%- do rules.append(['one of: ' ~ c, c ~ ' is not null and cast(' ~ c ~ ' as ' ~ type_text() ~ ') not in (' ~ listed | join(', ') ~ ')']) -%}
    {%- endfor -%}
    {%- for c, ends in between.items() -%}
        {%- if ends[0] is not none %}
            {% do rules.append(['at least ' ~ ends[0] ~ ': ' ~ c, c ~ ' < ' ~ ends[0]]) %}
        {% endif -%}
        {%- if ends[1] is not none %}
            {% do rules.append(['at most ' ~ ends[1] ~ ': ' ~ c, c ~ ' > ' ~ ends[1]]) %}
        {% endif -%}
    {%- endfor -%}
    {%- for condition in always %}
        {% do rules.append(['always: ' ~ condition, 'not (' ~ condition ~ ')']) %}
    {% endfor -%}
    with
        tested as (select * from {{ rows_to_test(model) }} as rows_tested),

        counted as (
            select
                count(*) as row_count
                {%- for rule in rules %}
                    , count(case when {{ rule[1] }} then 1 end) as rule_{{ loop.index }}
                {%- endfor %}
            from tested
        ),

        broken as (
            {%- for rule in rules %}
                select '{{ escape_text(rule[0]) }}' as broken_rule, rule_{{ loop.index }} as row_count
                from counted
                union all
            {%- endfor %}
            {%- for c, target in refers.items() %}
                select '{{ c }} stands in {{ target[0] }}' as broken_rule, count(*) as row_count
                from tested as child
                left join {{ ref(target[0]) }} as parent on child.{{ c }} = parent.{{ target[1] }}
                where child.{{ c }} is not null and parent.{{ target[1] }} is null
                union all
            {%- endfor %}
            {%- if key %}
                select 'one row a key: {{ key | join(", ") }}' as broken_rule, count(*) as row_count
                from
                    (
                        select {{ key | join(', ') }} from tested group by {{ key | join(', ') }} having count(*) > 1
                    ) as repeated
                union all
            {%- endif %}
            select 'none' as broken_rule, 0 as row_count
        )

    select broken_rule, row_count
    from broken
    where row_count > 0
{% endtest %}
