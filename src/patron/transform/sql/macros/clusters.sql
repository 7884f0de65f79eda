{# Clusters of customers: the same arithmetic as patron/predict/clusters/scaling.py. #}

{# The features that tell customers apart, in the order of patron/predict/clusters/scaling.py. #}
{% macro cluster_features() %}{{ return(['days_since_last_order', 'tenure_days', 'order_count', 'average_order_value', 'gap_days']) }}{% endmacro %}

{# predictions.cluster_centroids as one row, so that customers' rows are not multiplied: the scaling of each feature, and
   its position in each cluster; null for numbers without a cluster. No row if nothing is fitted. #}
{% macro centroids_side_by_side(relation, most) -%}
select
    {%- for feature in cluster_features() %}
    {%- for part in ['zero', 'unit', 'centre', 'width', 'most'] %}
    max(case when feature = '{{ feature }}' then {{ part }} end) as {{ feature }}_{{ part }},
    {%- endfor %}
    {%- for number in range(1, most + 1) %}
    max(case when feature = '{{ feature }}' and cluster_number = {{ number }} then centroid end) as {{ feature }}_{{ number }},
    {%- endfor %}
    {%- endfor %}
    max(cluster_number) as cluster_count
from {{ relation }}
having count(*) > 0
{%- endmacro %}

{# A feature in units of the spread among customers, clipped at both ends. #}
{% macro scale(feature) -%}
{%- set above = feature ~ ' - ' ~ feature ~ '_zero' -%}
{%- set units = '(ln(1 + case when ' ~ above ~ ' > 0 then ' ~ above ~ ' else 0 end / ' ~ feature ~ '_unit) - ' ~ feature ~ '_centre) / ' ~ feature ~ '_width' -%}
case
    when {{ units }} > {{ feature }}_most then {{ feature }}_most
    when {{ units }} < 0 - {{ feature }}_most then 0 - {{ feature }}_most
    else {{ units }}
end
{%- endmacro %}

{# The squared distance of a scaled customer from a cluster; null if there is no such cluster. #}
{% macro squared_distance(number) -%}
{%- for feature in cluster_features() -%}
{%- set apart = '(' ~ feature ~ '_scaled - ' ~ feature ~ '_' ~ number ~ ')' -%}
{{ ' + ' if not loop.first }}{{ apart }} * {{ apart }}
{%- endfor -%}
{%- endmacro %}

{# The number of the nearest cluster; ties go to the first. #}
{% macro nearest_cluster(most) -%}
case
    {%- for number in range(1, most + 1) %}
    when distance_{{ number }} is not null
        {%- for other in range(1, most + 1) if other != number %}
        and distance_{{ number }} <= coalesce(distance_{{ other }}, distance_{{ number }})
        {%- endfor %} then {{ number }}
    {%- endfor %}
end
{%- endmacro %}
