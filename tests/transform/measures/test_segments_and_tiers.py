"""Threshold scores, both label sets over all 125 triples, and value tiers by amount and by percentile.

The customers: tests/shops/cube.py.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from importlib import resources
from itertools import product

import numpy as np
import pytest

from shops import cube
from shops.building import picked

NINE = {
    # one customer for every label, with the edges that decide between two
    "r4f4m4": "Champions",
    "r5f5m5": "Champions",
    "r4f4m3": "Loyal Customers",  # spends too little for a champion
    "r3f5m5": "Loyal Customers",  # not recent enough
    "r2f5m5": "Can't Lose Them",
    "r1f5m5": "Can't Lose Them",  # reached before At Risk
    "r2f5m4": "At Risk",  # not the best of the spenders
    "r2f4m5": "At Risk",
    "r1f3m3": "At Risk",
    "r2f3m2": "Hibernating",
    "r2f5m1": "Hibernating",
    "r5f1m5": "New Customers",
    "r4f1m1": "New Customers",
    "r4f2m5": "Potential Loyalists",
    "r5f4m2": "Potential Loyalists",  # often and lately, for little
    "r3f3m5": "Needs Attention",
    "r3f4m2": "Needs Attention",
    "r3f1m1": "Needs Attention",
    "r1f2m2": "Lost",
    "r1f1m1": "Lost",
    "r2f2m2": "Hibernating",
    "r1f2m3": "Hibernating",
}
THIRTEEN = {
    "r4f4m4": "Champions/VIPs",
    "r3f4m3": "Loyal",
    "r5f5m3": "Loyal",
    "r3f4m2": "Frequent Buyers",
    "r5f5m1": "Frequent Buyers",
    "r3f3m5": "Big Spenders",
    "r5f1m5": "Big Spenders",
    "r2f3m3": "At Risk/Dormant",
    "r1f5m5": "At Risk/Dormant",
    "r5f1m4": "New",
    "r4f1m1": "Promising",
    "r4f2m2": "Price Shoppers",
    "r5f3m1": "Price Shoppers",
    "r5f2m3": "Potentially Loyal",
    "r4f3m4": "Potentially Loyal",
    "r3f2m2": "Needs Attention",
    "r3f3m4": "Needs Attention",
    "r3f1m4": "About to Sleep",
    "r3f2m1": "About to Sleep",
    "r2f2m1": "Lost Cheap",
    "r1f5m1": "Lost Cheap",
    "r2f5m2": "Lost",
    "r1f1m5": "Lost",
}

TIERS_BY_AMOUNT = {
    "tiers": {
        "measure": "historical_clv",
        "by": "amount",
        "cuts": [10, 20.5, 40],
        "labels": ["Bronze", "Silver", "Gold", "Platinum"],
    },
    "tenure_unit": "days",
}
TIERS_BY_PERCENTILE = {
    "tiers": {
        "measure": "formula_clv_revenue",
        "cuts": [0.1, 0.25, 0.5, 0.9],
        "labels": ["E", "D", "C", "B", "A's best"],
    },
    "tenure_unit": "days",
}


@pytest.fixture(scope="module")
def nine(build_shop):
    return build_shop("cube_nine", cube.settings(clv=TIERS_BY_AMOUNT), {"boxes.csv": cube.lines()})


@pytest.fixture(scope="module")
def thirteen(build_shop):
    settings = cube.settings(clv=TIERS_BY_PERCENTILE, rules={"segments": "thirteen"})
    return build_shop("cube_thirteen", settings, {"boxes.csv": cube.lines()})


def labels_of(shop) -> dict[str, str]:
    return {who: row["segment"] for who, row in shop.by("gold.customer_segments", "customer_id").items()}


def first_match(label_set: str) -> dict[tuple[int, ...], str]:
    """Every triple's label, read from the shipped file line by line: the first line that holds it."""
    text = (
        resources.files("patron")
        .joinpath("transform", "rules", f"segments_{label_set}.csv")
        .read_text(encoding="utf-8")
    )
    labels: dict[tuple[int, ...], str] = {}
    for row in csv.DictReader(io.StringIO(text)):
        spans = [range(int(row[f"min_{a}"]), int(row[f"max_{a}"]) + 1) for a in ("recency", "frequency", "monetary")]
        for triple in product(*spans):
            labels.setdefault(triple, row["segment"])
    return labels


def test_threshold_scores_on_both_sides_of_each_limit(nine):
    rfm = nine.by("gold.customer_rfm", "customer_id")
    names = ("recency_score", "frequency_score", "monetary_score")
    assert {who: picked(row, *names) for who, row in rfm.items()} == {
        who: scores for who, (_, _, _, scores) in cube.customers().items()
    }


def test_dates_without_a_time_are_days_of_the_shop(nine):
    """The shop is in New York, and 2024-12-21 is no instant of London's: r5 bought 10 days before."""
    measured = nine.by("measures.customer_measures", "customer_id")
    assert {who: row["days_since_last_order"] for who, row in measured.items()} == {
        who: days for who, (days, _, _, _) in cube.customers().items()
    }


@pytest.mark.parametrize(("shop_name", "labels"), [("nine", NINE), ("thirteen", THIRTEEN)])
def test_labels_by_hand(shop_name, labels, request):
    found = labels_of(request.getfixturevalue(shop_name))
    assert {who: found[who] for who in labels} == labels


@pytest.mark.parametrize(("label_set", "count"), [("nine", 9), ("thirteen", 13)])
def test_every_triple_has_one_label_and_every_label_a_customer(label_set, count, request):
    shop = request.getfixturevalue(label_set)
    labels = first_match(label_set)
    assert len(labels) == 125
    found = labels_of(shop)
    assert {who: found[who] for who in cube.customers()} == {
        who: labels[scores] for who, (_, _, _, scores) in cube.customers().items()
    }
    assert len(set(found.values())) == count
    counts = {row["segment"]: row["score_triple_count"] for row in shop.rows("gold.dim_rfm_segment")}
    assert counts == Counter(labels.values())


def test_tiers_by_amount(nine):
    """A value below a cut belongs to the tier before it; at the cut it has reached the next."""
    tiers = {who: row["clv_tier"] for who, row in nine.by("gold.customer_clv", "customer_id").items()}
    by_score = {1: "Bronze", 2: "Silver", 3: "Gold", 4: "Gold", 5: "Platinum"}  # 9.9999, 10, 20.5, 30, 40
    for who in cube.customers():
        if who.startswith("r"):
            assert tiers[who] == by_score[int(who[-1])], who
    assert (tiers["m20"], tiers["m29"], tiers["m39"], tiers["d11"]) == ("Silver", "Gold", "Gold", "Bronze")
    names = ("tier_order", "at_least", "below")
    dimension = nine.by("gold.dim_clv_tier", "clv_tier")
    assert picked(dimension["Bronze"], *names) == (1, None, 10)
    assert picked(dimension["Gold"], *names) == (3, 20.5, 40)
    assert picked(dimension["Platinum"], *names) == (4, 40, None)


def test_tiers_by_percentile_agree_with_numpy(thirteen):
    """Whole numbers in SQL against numpy's linear percentiles, over values with many ties."""
    rows = thirteen.rows("gold.customer_clv")
    values = np.array([float(row["formula_clv_revenue"]) for row in rows])
    cuts = np.quantile(values, TIERS_BY_PERCENTILE["tiers"]["cuts"], method="linear")
    assert len(set(values)) < len(values)
    for row, value in zip(rows, values, strict=True):
        reached = int(sum(value >= cut for cut in cuts))
        assert row["clv_tier"] == TIERS_BY_PERCENTILE["tiers"]["labels"][reached], row
        assert row["clv_percentile_rate"] == pytest.approx(np.mean(values <= value), abs=1e-12)
    assert {row["clv_tier"] for row in rows} == set(TIERS_BY_PERCENTILE["tiers"]["labels"])


OLD_AND_NEW = [
    {"order": who, "at": at, "who": who, "what": "box", "pieces": 1, "price": price}
    for who, at, price in [
        ("generous last week", "2024-12-28", "12000"),
        ("modest last year", "2023-12-28", "500"),
        ("small last year", "2023-12-27", "90"),
        ("smaller this year", "2024-06-01", "80"),
        ("smallest this year", "2024-07-01", "70"),
    ]
]


def test_value_tiers_are_of_what_customers_spent(build_shop):
    """However long ago: three days with 12,000 are worth more than a year with 500."""
    shop = build_shop("tiers_by_default", cube.settings(), {"boxes.csv": OLD_AND_NEW})
    tiers = {who: row["clv_tier"] for who, row in shop.by("gold.customer_clv", "customer_id").items()}
    assert tiers == {
        "generous last week": "High",
        "modest last year": "High",
        "small last year": "Medium",
        "smaller this year": "Low",
        "smallest this year": "Low",
    }


def test_the_formula_decides_where_it_is_asked_for(build_shop):
    """12,000 x 3 days is less than 500 x 369."""
    by_formula = {"tiers": {"measure": "formula_clv_profit"}, "tenure_unit": "days"}
    shop = build_shop("tiers_by_formula", cube.settings(clv=by_formula), {"boxes.csv": OLD_AND_NEW})
    ranks = shop.by("gold.customer_clv", "customer_id")
    assert ranks["generous last week"]["clv_percentile_rate"] < ranks["modest last year"]["clv_percentile_rate"]


def test_formula_clv_in_days(nine):
    """r1f1m5: 40.00 in one order 41 days ago: 40 x 41, and three tenths of it."""
    row = nine.by("gold.customer_clv", "customer_id")["r1f1m5"]
    assert picked(row, "tenure_days", "formula_clv_revenue", "formula_clv_profit") == (41, 1640, 492)


def test_the_calendar_ends_at_an_as_of_that_is_a_date(nine):
    """The customer d00 bought on that very day."""
    days = nine.by("gold.engagement_daily", "activity_date")
    assert list(days)[-1] == cube.AS_OF
    assert picked(days[cube.AS_OF], "dau", "wau") == (1, 1)
