{# Means are of the cluster's customers today; medians and scores are those of the fit (patron/predict/clusters). #}
with
    members as (

        select
            clusters.cluster_number,
            count(*) as customer_count,
            {{ whole_sum('measures.order_count') }} as order_count,
            {{ whole_sum('measures.days_since_last_order') }} as silent_days_sum,
            {{ whole_sum('measures.tenure_days') }} as tenure_days_sum,
            {{ whole_sum('gaps.gap_days_sum') }} as gap_days_sum,
            {{ whole_sum('gaps.gap_count') }} as gap_count,
            cast(sum(measures.net_amount) as {{ type_total() }}) as net_amount
        from {{ ref('customer_clusters') }} as clusters
        inner join {{ ref('customer_measures') }} as measures on clusters.customer_id = measures.customer_id
        left join {{ ref('customer_gaps') }} as gaps on measures.customer_id = gaps.customer_id
        group by clusters.cluster_number

    ),

    everybody as (

        select
            cast(sum(customer_count) as {{ type_double() }}) as customer_count,
            cast(sum(net_amount) as {{ type_double() }}) as net_amount
        from members

    )

select
    profiles.cluster_number,
    profiles.cluster_name,
    coalesce(members.customer_count, 0) as customer_count,
    coalesce(members.customer_count, 0) / nullif(everybody.customer_count, 0) as customer_share,
    coalesce(members.net_amount, 0) as net_amount,
    coalesce(members.net_amount, 0) / nullif(everybody.net_amount, 0) as net_amount_share,
    {{ money_ratio('members.net_amount', 'members.customer_count') }} as mean_net_amount,
    {{ money_ratio('members.net_amount', 'members.order_count') }} as average_order_value,
    members.order_count / cast(members.customer_count as {{ type_double() }}) as mean_order_count,
    members.silent_days_sum / cast(members.customer_count as {{ type_double() }}) as mean_days_since_last_order,
    members.tenure_days_sum / cast(members.customer_count as {{ type_double() }}) as mean_tenure_days,
    members.gap_days_sum / cast(members.gap_count as {{ type_double() }}) as mean_gap_days,
    {% for behaviour in cluster_features() + ['net_amount'] -%} profiles.median_{{ behaviour }}, {% endfor %}
    profiles.silhouette,
    profiles.overall_silhouette,
    profiles.structure,
    profiles.adjusted_rand_index,
    profiles.density_noise_share,
    profiles.density_agreement,
    profiles.fitted_customer_count,
    profiles.fitted_as_of_date
from {{ source('predictions', 'cluster_profiles') }} as profiles
left join members on profiles.cluster_number = members.cluster_number
left join everybody on 1 = 1
