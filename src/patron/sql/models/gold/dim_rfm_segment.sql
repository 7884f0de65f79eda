select segment, segment_order, description, action as recommended_action, score_triple_count from {{ ref('segments') }}
