{# The engine assigns every buyer to the nearest centroid: Python only ever sees a sample. #}
{% set most = var('clusters')['most_clusters'] %}

with
    fitted as ({{ centroids_side_by_side(source('predictions', 'cluster_centroids'), most) }}),

    scaled_behaviour as (

        select
            behaviour.customer_id,
            {% for feature in cluster_features() -%}
                {{ scale(feature) }} as {{ feature }}_scaled{{ ',' if not loop.last }}
            {% endfor %}
        from {{ ref('customer_behaviour') }} as behaviour
        cross join fitted

    ),

    distances as (

        select
            customer_id,
            {% for number in range(1, most + 1) -%}
                {{ squared_distance(number) }} as distance_{{ number }}{{ ',' if not loop.last }}
            {% endfor %}
        from scaled_behaviour
        cross join fitted

    ),

    nearest as (select distances.*, {{ nearest_cluster(most) }} as cluster_number from distances)

select
    nearest.customer_id,
    nearest.cluster_number,
    profiles.cluster_name,
    cast(
        sqrt(
            case
                {% for number in range(1, most + 1) -%}
                    when nearest.cluster_number = {{ number }} then nearest.distance_{{ number }}
                {% endfor %}
            end
        ) as {{ type_total() }}
    ) as distance
from nearest
inner join
    {{ source('predictions', 'cluster_profiles') }} as profiles on nearest.cluster_number = profiles.cluster_number
