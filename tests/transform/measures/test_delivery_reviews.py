"""Reviews by hand: tests/shops/delivery.py. The scores of its sentences are those that VADER's authors publish."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from patron.predict import sentiment
from shops import delivery
from shops.building import BuiltShop, add_files, picked, write_project

COUNTS = ("review_count", "average_rating", "positive_count", "neutral_count", "negative_count")


@pytest.fixture(scope="module")
def reviews(delivery_shop):
    return delivery_shop.by("gold.review_sentiment", "review_id")


@pytest.fixture(scope="module")
def analytics(delivery_shop):
    return delivery_shop.by("gold.review_analytics", "period_kind", "period_start_date", "breakdown", "group_name")


def test_published_scores(reviews):
    columns = ("sentiment_score", "positive_share", "neutral_share", "negative_share", "sentiment")
    one, none = Decimal(1), Decimal(0)
    assert picked(reviews["1"], *columns) == (Decimal("0.8439"), Decimal("0.752"), Decimal("0.248"), none, "positive")
    assert picked(reviews["2"], *columns) == (Decimal("-0.5461"), none, Decimal("0.221"), Decimal("0.779"), "negative")
    assert picked(reviews["3"], *columns) == (Decimal("0.4404"), Decimal("0.492"), Decimal("0.508"), none, "positive")
    assert picked(reviews["6"], *columns) == (none, none, one, none, "neutral")  # VADER knows English


def test_text_stays_text(reviews):
    assert reviews["5"]["review_text"] == "<script>alert(1)</script>"
    assert reviews["5"]["reviewed_at"] is None


def test_without_words_there_is_no_sentiment(reviews):
    assert picked(reviews["7"], "review_text", "sentiment_score", "sentiment") == (None, None, None)
    assert "8" not in reviews  # of 04-01, after as_of


def test_reviews_of_all_time(analytics):
    first = dt.date(2024, 1, 1)
    # ratings 5, 1, 3, 4.5, 2, 4
    assert picked(analytics["all", first, "all", "all"], *COUNTS) == (7, 3.25, 3, 2, 1)
    assert picked(analytics["all", first, "rating", "5"], *COUNTS) == (2, 4.75, 1, 1, 0)  # 5 and 4.5
    assert picked(analytics["all", first, "rating", "unrated"], *COUNTS) == (1, None, 1, 0, 0)
    assert picked(analytics["all", first, "sentiment", "no words"], *COUNTS) == (1, 4.0, 0, 0, 0)
    assert picked(analytics["all", first, "sentiment", "positive"], *COUNTS) == (3, 4.0, 3, 0, 0)


def test_reviews_of_a_month(analytics):
    january = analytics["month", dt.date(2024, 1, 1), "all", "all"]
    assert picked(january, *COUNTS, "is_complete") == (3, 3.0, 2, 0, 1, True)
    assert january["average_sentiment_score"] == pytest.approx((0.8439 - 0.5461 + 0.4404) / 3)
    assert january["positive_rate"] == pytest.approx(2 / 3)
    march = analytics["month", dt.date(2024, 3, 1), "all", "all"]
    assert picked(march, *COUNTS, "is_complete") == (1, None, 1, 0, 0, True)
    assert (
        sum(row["review_count"] for (kind, _, how, _), row in analytics.items() if (kind, how) == ("month", "all")) == 6
    )


def test_new_words_are_scored_when_they_come_and_a_stopped_run_is_taken_up(tmp_path, monkeypatch):
    only = {"reviews": delivery.settings()["sources"]["reviews"]}
    settings = {"shop": {"name": "Reviews"}, "sources": {"reviews": {**only["reviews"], "files": "*.csv"}}}
    shop = BuiltShop(write_project(tmp_path, settings, {"first.csv": delivery.REVIEWS[:3]}))
    shop.run()
    before = shop.rows("predictions.review_sentiment")
    assert len(before) == 3
    add_files(shop.folder, {"second.csv": delivery.REVIEWS[3:]})
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sentiment, "score_new_texts", stopped)
        shop.run()
    assert len(shop.rows("silver.reviews")) == 8  # silver was done, and gold was not
    assert len(shop.rows("gold.review_sentiment")) == 3
    shop.run()
    scored = shop.rows("predictions.review_sentiment")
    assert len(scored) == 6  # one text came again, and one review has none
    assert all(row in scored for row in before)
    gold = shop.gold()
    shop.run(full_refresh=True)
    assert shop.gold() == gold


def stopped(*_):
    raise KeyboardInterrupt
