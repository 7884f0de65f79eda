"""What is known at a cutoff, and what comes of it, of customers who bought exactly on the edge of a window."""

from __future__ import annotations

import pytest

from predict.churn.churn_shop import ChurnShop, day, sale

CUTOFF = 120
DAYS = {
    "last day of 30": (100, 150),
    "day after 30": (100, 151),
    "the cutoff itself": (100, 120),
    "day after the cutoff": (100, 121),
    "never again": (100,),
    "first of 90": (30, 31, 100),
    "first of 30": (90, 91),
}
"""Customer -> the days on which they bought; measured at day 180, the last of the 60 days after the cutoff."""


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    lines = [sale(f"{who} {on}", on, who) for who, days in DAYS.items() for on in days]
    shop = ChurnShop(tmp_path_factory.mktemp("edges"), {"lines": [sale("0", 0, "first"), *lines]}, 180)
    rows = shop.rows(f"select * from predictions.churn_training where as_of_date = '{day(CUTOFF)}'")
    return {row["customer_id"]: row for row in rows}


@pytest.mark.parametrize(
    ("who", "silent", "left"),
    [
        ("last day of 30", 20, (0, 0, None)),
        ("day after 30", 20, (1, 0, None)),
        ("the cutoff itself", 0, (1, 1, None)),
        ("day after the cutoff", 20, (0, 0, None)),
        ("never again", 20, (1, 1, None)),
    ],
)
def test_the_cutoff_is_known_and_the_last_day_of_a_window_is_in_it(known, who, silent, left):
    found = known[who]
    assert found["days_since_last_order"] == silent
    assert (found["left_30"], found["left_60"], found["left_90"]) == left


def test_the_last_thirty_and_ninety_days_end_with_the_cutoff(known):
    counts = ("purchase_day_count_30d", "purchase_day_count_90d", "purchase_day_count_prior_90d")
    assert [known["first of 90"][name] for name in counts] == [1, 2, 1]
    assert [known["first of 30"][name] for name in counts] == [1, 2, 0]
    assert [known["the cutoff itself"][name] for name in counts] == [2, 2, 0]
