"""How deliveries go, and what goes with it, by hand: tests/shops/delivery.py."""

from __future__ import annotations

import pytest

from shops.building import picked
from transform.compiled_sql import shipped_macros

COUNTS = ("delivery_count", "timed_delivery_count", "average_delivery_minutes", "average_preparation_minutes")
GROUP = ("customer_count", "repeat_customer_count", "other_customer_count")


@pytest.fixture(scope="module")
def quality(delivery_shop):
    return delivery_shop.by("gold.delivery_quality", "factor", "factor_value")


@pytest.fixture(scope="module")
def impact(delivery_shop):
    return delivery_shop.by("gold.delivery_impact", "comparison", "delivery", "group_name")


def test_all_deliveries_by_as_of(quality):
    # 24, 36, 50, 20, 30 minutes; ready after 10, 15, 5, 20, 15 and 0
    assert picked(quality["all", "all"], *COUNTS) == (6, 5, 32.0, pytest.approx(65 / 6))
    row = quality["all", "all"]
    assert picked(row, "measured_delivery_count", "average_distance_km") == (4, pytest.approx(44.479 / 4))


def test_what_deliveries_differ_by(quality):
    assert picked(quality["traffic", "Jam"], *COUNTS) == (2, 2, 37.0, 15.0)  # 24 and 50
    assert picked(quality["traffic", "unknown"], *COUNTS) == (1, 1, 30.0, 0.0)
    assert picked(quality["weather", "Windy"], *COUNTS) == (2, 1, 24.0, 7.5)
    assert picked(quality["courier_rating", "4.8 or more"], *COUNTS)[:3] == (3, 2, 37.0)  # as last rated
    assert picked(quality["festival", "yes"], *COUNTS)[:3] == (1, 1, 50.0)
    assert picked(quality["vehicle", "bicycle"], *COUNTS)[:3] == (2, 2, 25.0)
    assert picked(quality["delivery_minutes", "20-29 min"], *COUNTS)[:3] == (2, 2, 22.0)
    assert picked(quality["day_part", "Evening"], *COUNTS)[:1] == (3,)  # 19:00, 20:00, 20:00
    for factor in {factor for factor, _ in quality}:
        assert sum(row["delivery_count"] for (one, _), row in quality.items() if one == factor) == 6


def test_buying_again_after_the_first_delivery(impact):
    # c1 bought two days after it; c2 and c3 only after more than 30 days
    assert picked(impact["delivery_minutes", "first", "20-29 min"], *GROUP) == (2, 1, 1)  # c1, c3
    assert picked(impact["delivery_minutes", "first", "45 min or more"], *GROUP) == (1, 0, 2)  # c2
    row = impact["traffic", "first", "Jam"]
    assert picked(row, *GROUP, "repeat_rate", "other_repeat_rate", "difference") == (2, 1, 1, 0.5, 0.0, 0.5)
    assert picked(row, "matched_count", "unmatched_count", "reading") == (2, 0, "too few to compare")
    alone = impact["courier_rating", "first", "4.8 or more"]  # there is no other group
    assert picked(alone, "matched_count", "difference", "reading") == (0, None, "too few to compare")


def test_buying_again_after_the_last_delivery(impact):
    # time zero is 03-01. c1's was of 01-10 and took nobody knows how long; c3 bought on 03-25, c2 on 02-20, which is before.
    # By then c1 had three orders, c2 two and c3 one: nobody is like another
    assert ("delivery_minutes", "last", "30-44 min") not in impact
    assert picked(impact["vehicle", "last", "motorcycle"], *GROUP, "unmatched_count") == (2, 0, 0, 2)
    assert picked(impact["preparation_minutes", "last", "Under 10 min"], *GROUP) == (1, 0, 0)
    assert picked(impact["vehicle", "last", "bicycle"], "customer_count", "repeat_rate") == (1, 1.0)


@pytest.mark.parametrize(
    ("from_to", "metres"),
    [
        ((0, 0, 0, 0), 0),
        ((0, 0, 0, 180), 20_015_114),  # pi x 6,371.0088 km
        ((90, 0, -90, 0), 20_015_114),
        ((52.5, 13.4, 52.5, 13.4), 0),
        ((36.12, -86.67, 33.94, -118.40), 2_886_448),  # Rosetta Code: 2,887.2600 km at a radius of 6,372.8
    ],
)
def test_distances_are_the_published_ones(from_to, metres, duckdb_value):
    degrees = [f"cast({one} as double)" for one in from_to]
    assert duckdb_value(shipped_macros()["distance_metres"](*degrees)) == metres
