{# Texts are scored (patron/predict/sentiment.py), and each review takes the score of its text. A review without a day is
   known by as_of, whenever it was written. #}
with
    reviews as (

        select reviews.*
        from {{ ref('reviews') }} as reviews
        left join {{ ref('as_of') }} as bounds on 1 = 1
        where reviews.reviewed_date is null or reviews.reviewed_date <= bounds.as_of_date

    )

select
    reviews.source_name,
    reviews._row_key as review_row_key,
    reviews.id_namespace,
    reviews.review_id,
    reviews.customer_id,
    reviews.product_id,
    reviews.order_id,
    reviews.reviewed_at,
    reviews.reviewed_date,
    reviews.rating,
    reviews.review_text,
    reviews.assumed,
    cast(scores.sentiment_score as {{ type_amount() }}) as sentiment_score,
    cast(scores.positive_share as {{ type_amount() }}) as positive_share,
    cast(scores.neutral_share as {{ type_amount() }}) as neutral_share,
    cast(scores.negative_share as {{ type_amount() }}) as negative_share,
    case
        when scores.sentiment_score is null
        then null
        when scores.sentiment_score >= {{ var('sentiment_positive_from') }}
        then 'positive'
        when scores.sentiment_score <= {{ var('sentiment_negative_to') }}
        then 'negative'
        else 'neutral'
    end as sentiment
from reviews
left join {{ source('predictions', 'review_sentiment') }} as scores on reviews.text_key = scores.text_key
