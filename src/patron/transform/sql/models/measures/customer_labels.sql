{# A buyer's measures, scores and labels: joined once, and read by every gold table of customers. #}
select
    measures.*,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
    segments.segment,
    segments.action as recommended_action,
    segments.churn_risk,
    {{ clv_tier('measures.' ~ var('clv_tier_measure'), 'scores.clv_at_or_below_count', 'scores.buyer_count') }}
    as clv_tier,
    scores.clv_at_or_below_count / cast(scores.buyer_count as {{ type_double() }}) as clv_percentile_rate,
    {# in a history that is not longer than the window nobody can have churned, whoever will #}
    case
        when {{ days_between('bounds.first_date', 'bounds.as_of_date') }} > {{ var('churn_window_days') }}
        then measures.days_since_last_order > {{ var('churn_window_days') }}
    end as is_churned,
    {{ churn_group('measures.days_since_last_order') }} as churn_group
from {{ ref('customer_measures') }} as measures
inner join {{ ref('as_of') }} as bounds on 1 = 1
inner join {{ ref('customer_scores') }} as scores on measures.customer_id = scores.customer_id
inner join
    {{ ref('segment_scores') }} as segment_scores
    on scores.recency_score = segment_scores.recency_score
    and scores.frequency_score = segment_scores.frequency_score
    and scores.monetary_score = segment_scores.monetary_score
inner join {{ ref('segments') }} as segments on segment_scores.segment = segments.segment
