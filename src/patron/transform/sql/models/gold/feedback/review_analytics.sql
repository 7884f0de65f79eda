{# Reviews by period, and within it by rating and by sentiment. A review without a day counts only in the total. #}
{% set periods = ['week', 'month'] %}
{% set breakdowns = {
    'all': "'all'",
    'rating': "case when rating is null then 'unrated' else cast(cast(round(rating) as bigint) as " ~ type_text() ~ ") end",
    'sentiment': "coalesce(sentiment, 'no words')",
} %}

with
    reviews as (select * from {{ ref('review_sentiment') }}),

    first_days as (

        select
            min(
                case
                    when reviews.reviewed_date < bounds.first_date then reviews.reviewed_date else bounds.first_date
                end
            ) as first_date,
            max(bounds.as_of_date) as as_of_date
        from {{ ref('as_of') }} as bounds
        left join reviews on reviews.reviewed_date is not null

    ),

    dated as (

        select
            reviews.*,
            'all' as period_kind,
            coalesce(first_days.first_date, cast('{{ before_all_days() }}' as date)) as period_start_date,
            {# the total is never complete #}
            false as is_complete
        from reviews
        cross join first_days
        {% for period in periods -%}
            union all
            select
                reviews.*,
                '{{ period }}' as period_kind,
                {{ period_start(period, 'reviews.reviewed_date') }} as period_start_date,
                {{ incomplete_reason(
                    period_start(period, 'reviews.reviewed_date'),
                    next_period_start(period, period_start(period, 'reviews.reviewed_date')),
                    'first_days.first_date',
                    'first_days.as_of_date'
                ) }} is null as is_complete
            from reviews
            cross join first_days
            where reviews.reviewed_date is not null
        {% endfor %}
    ),

    grouped as (

        {% for breakdown, value in breakdowns.items() -%}
            select dated.*, '{{ breakdown }}' as breakdown, {{ value }} as group_name
            from dated {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    counted as (

        select
            period_kind,
            period_start_date,
            is_complete,
            breakdown,
            group_name,
            count(*) as review_count,
            count(rating) as rated_review_count,
            cast(sum(cast(rating as {{ type_amount() }})) as {{ type_double() }})
            / nullif(count(rating), 0) as average_rating,
            count(sentiment) as worded_review_count,
            cast(sum(sentiment_score) as {{ type_double() }}) / nullif(count(sentiment), 0) as average_sentiment_score,
            count(case when sentiment = 'positive' then 1 end) as positive_count,
            count(case when sentiment = 'neutral' then 1 end) as neutral_count,
            count(case when sentiment = 'negative' then 1 end) as negative_count
        from grouped
        group by period_kind, period_start_date, is_complete, breakdown, group_name

    ),

    rated as (
        {{ with_rates('counted', {
        'positive_rate': ['positive_count', 'worded_review_count'],
        'negative_rate': ['negative_count', 'worded_review_count'],
    }) }}
    )

select
    period_kind,
    period_start_date,
    is_complete,
    breakdown,
    group_name,
    review_count,
    rated_review_count,
    average_rating,
    worded_review_count,
    average_sentiment_score,
    positive_count,
    neutral_count,
    negative_count,
    positive_rate,
    positive_rate_low,
    positive_rate_high,
    cast(neutral_count as {{ type_double() }}) / nullif(worded_review_count, 0) as neutral_rate,
    negative_rate,
    negative_rate_low,
    negative_rate_high
from rated
