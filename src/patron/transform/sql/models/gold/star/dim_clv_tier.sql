{% set cuts, labels = var('clv_tier_cuts'), var('clv_tier_labels') %}

{% for label in labels -%}
    select
        '{{ escape_text(label) }}' as clv_tier,
        {{ loop.index }} as tier_order,
        '{{ var("clv_tier_measure") }}' as tier_measure,
        '{{ var("clv_tier_by") }}' as cut_by,
        cast({{ cuts[loop.index0 - 1] if not loop.first else 'null' }} as {{ type_double() }}) as at_least,
        cast({{ cuts[loop.index0] if not loop.last else 'null' }} as {{ type_double() }}) as below
        {{ 'union all' if not loop.last }}
{% endfor %}
