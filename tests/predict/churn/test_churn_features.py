"""What is known of a customer on a day: by hand, the same for the past as for today, and deaf to what comes later."""

from __future__ import annotations

import random

import pytest

from predict.churn.churn_shop import ChurnShop, compiled, day, drawn_events, sale
from shops.building import picked

DAYS, AS_OF = 300, 300


@pytest.fixture(scope="module")
def events():
    return drawn_events(5, 60, DAYS)


@pytest.fixture(scope="module")
def shop(tmp_path_factory, events):
    return ChurnShop(tmp_path_factory.mktemp("features"), events, AS_OF)


BY_HAND = {
    "lines": [
        sale("1", 10, "ann", "p1", "web", 100.0),
        sale("1", 10, "ann", "p2", "web", 20.0),
        sale("1", 10, "ann", amount=-12.0, kind="discount"),
        sale("2", 20, "ann", "p1", "store", 50.0),
        sale("3", 50, "ann", "p1", "store", 30.0),
        sale("3r", 55, "ann", amount=-10.0, kind="return"),
        sale("4", 130, "ann", "p1", "web", 40.0),
        sale("5", 100, "bob", "p3", None, 7.0),
        sale("6", 150, "zed"),
    ],
    "contacts": [("ann", 15), ("ann", 140), ("bob", 151)],
    "accounts": [("a1", "ann", 40), ("a2", "bob", 160)],
    "points": [("a1", 45, 5.0), ("a1", 130, 20.0), ("a1", 131, -8.0), ("a1", 151, 100.0)],
}


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory):
    """Measured at the end of day 149."""
    made = ChurnShop(tmp_path_factory.mktemp("hand"), BY_HAND, 149)
    return {row["customer_id"]: row for row in made.rows("select * from predictions.churn_features")}


def test_ann_bought_four_times(by_hand):
    ann = by_hand["ann"]
    columns = ("days_since_last_order", "tenure_days", "purchase_day_count", "order_count", "longest_gap_days")
    assert picked(ann, *columns) == (19, 139, 4, 4, 80)
    assert ann["mean_gap_days"] == 40  # 10, 30 and 80 days
    assert ann["gap_unevenness"] == pytest.approx(((100 + 900 + 6400) / 3) ** 0.5 / 40)
    assert picked(ann, "silence_to_mean_gap", "silence_to_longest_gap") == (19 / 40, 19 / 80)
    # the last 90 days are 60 to 149
    counts = ("purchase_day_count_30d", "purchase_day_count_90d", "purchase_day_count_prior_90d", "purchase_day_trend")
    assert picked(ann, *counts) == (1, 1, 3, -0.5)
    assert picked(ann, "net_amount", "average_order_value") == (218, 54.5)
    assert picked(ann, "spent_amount_90d", "spent_amount_prior_90d") == (40, 188)
    assert ann["spend_trend"] == pytest.approx((40 - 188) / 228)
    assert (ann["discount_share"], ann["refund_share"]) == (pytest.approx(12 / 240), pytest.approx(10 / 240))
    assert picked(ann, "lines_per_order", "products_per_day", "products_per_day_90d") == (1.25, 1.25, 1)
    assert picked(ann, "main_channel", "channel_count") == ("store", 2)  # as many days as web, and before it
    assert picked(ann, "contact_count", "contact_count_90d", "days_since_last_contact") == (2, 1, 9)
    assert picked(ann, "member_days", "points_earned_90d", "points_redeemed_90d", "days_since_points") == (
        109,
        20,
        8,
        18,
    )


def test_bob_bought_once_and_is_held_against_the_gaps_of_others(by_hand):
    bob = by_hand["bob"]
    assert picked(bob, "mean_gap_days", "longest_gap_days", "gap_unevenness") == (None, None, None)
    assert bob["silence_to_mean_gap"] == bob["silence_to_longest_gap"] == 49 / 40  # 49 days; gaps are 10, 30 and 80
    assert picked(bob, "main_channel", "channel_count") == (None, 0)
    assert picked(bob, "contact_count", "days_since_last_contact", "member_days") == (0, None, None)


def test_who_first_bought_on_a_day_not_seen_is_not_there(by_hand):
    assert set(by_hand) == {"ann", "bob"}


def test_cutoffs_are_a_month_apart_with_a_look_back(shop):
    rows = shop.rows("select * from predictions.churn_cutoffs order by as_of_date desc")
    assert [row["as_of_date"] for row in rows] == [day(n) for n in (270, 240, 210, 180, 150, 120, 90)]


def test_each_is_once_and_keeps_the_rules_of_its_yml(shop):
    found = shop.rows(
        "select count(*) as n, count(distinct (customer_id, as_of_date)) as d, "
        "count(case when purchase_day_count_90d > purchase_day_count or left_60 > left_30 or left_90 > left_60 "
        "or days_since_last_order > tenure_days or abs(purchase_day_trend) > 1 then 1 end) as wrong "
        "from predictions.churn_training"
    )[0]
    assert found["n"] == found["d"] > 100
    assert found["wrong"] == 0


@pytest.mark.parametrize("cutoff", [90, 150, 210])
def test_training_and_scoring_features_agree(tmp_path, shop, events, cutoff):
    """A day of the past looks as it did when it was today."""
    requested = ChurnShop(tmp_path, events, cutoff).rows(
        "select * from predictions.churn_features order by customer_id"
    )
    assert requested == shop.examples(cutoff) != []


def test_nothing_later_changes_what_was_known(tmp_path, shop, events):
    """Later rows vanish, move to other days and people, change their amounts; others come; and the first days stay."""
    cutoff, rng = 150, random.Random(3)
    assert len(shop.examples(cutoff)) > 20
    changed = {name: [row for row in rows if _of(name, row) <= cutoff] for name, rows in events.items()}
    people = [f"c{number:04}" for number in range(60)]
    for row in (row for row in events["lines"] if row[1] > cutoff and rng.random() < 0.7):
        moved = (row[0], rng.randint(cutoff + 1, 295), rng.choice(people), "p99", "phone", row[5], 9.0, row[7] * 50)
        changed["lines"].append(moved)
    for row in [row for row in changed["lines"] if rng.random() < 0.3]:  # refunds, and more lines of orders from before
        changed["lines"].append((row[0], rng.randint(cutoff + 1, 299), row[2], "p98", "phone", "return", 1.0, -row[7]))
        changed["lines"].append((row[0], rng.randint(cutoff + 1, 299), row[2], "p97", "aaa", "sale", 1.0, 1.0))
    changed["contacts"] += [(rng.choice(people), rng.randint(cutoff + 1, 299)) for _ in range(100)]
    changed["accounts"] += [(f"late{n}", rng.choice(people), rng.randint(cutoff + 1, 299)) for n in range(50)]
    changed["points"] += [(row[0], rng.randint(cutoff + 1, 299), 1000.0) for row in changed["accounts"]]
    other = ChurnShop(tmp_path, changed, AS_OF)
    for earlier in (90, 120, 150):
        for now, before in zip(other.examples(earlier), shop.examples(earlier), strict=True):
            assert now == before
    assert other.examples(210) != shop.examples(210)


def _of(name, row):
    return row[{"lines": 1, "contacts": 1, "accounts": 2, "points": 1}[name]]


def test_labels_say_who_bought_in_the_window(tmp_path):
    events = {"lines": [sale("0", 0, "first"), sale("1", 100, "a"), sale("2", 100, "b"), sale("3", 121, "a")]}
    events["lines"] += [sale("4", 151, "b"), sale("5", 100, "c")]
    shop = ChurnShop(tmp_path, events, 180)
    sql = "select customer_id, left_30, left_60, left_90 from predictions.churn_training where as_of_date = '{}' order by 1"
    result = {n: [tuple(row.values())[1:] for row in shop.rows(sql.format(day(n)))[:3]] for n in (120, 150)}
    assert result[120] == [
        (0, 0, None),
        (1, 0, None),
        (1, 1, None),
    ]  # day 151 is after 120 + 30; day 180 is the last seen
    assert result[150] == [(1, None, None), (0, None, None), (1, None, None)]


def test_who_is_silent_for_too_long_is_left_out(tmp_path):
    shop = ChurnShop(tmp_path, {"lines": [sale("1", 0, "old"), sale("2", 1, "edge")]}, 366)
    assert [row["customer_id"] for row in shop.rows("select customer_id from predictions.churn_features")] == ["edge"]


def test_what_the_shop_does_not_map_is_left_out():
    sql = compiled("online retail")["churn_features"]
    assert not any(name in sql for name in ("channel", "contact_count", "member_days", "points_earned"))
    assert "products_per_day" in sql
