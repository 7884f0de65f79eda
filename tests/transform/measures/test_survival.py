"""Survival by cohort and returns after losses: by hand, and against Kaplan and Meier worked out customer by customer in Python."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import defaultdict
from typing import Any

import pyarrow as pa
import pytest

from predict.churn.churn_shop import compiled, in_duckdb
from shops.building import picked

AS_OF, WINDOW = dt.date(2024, 12, 31), 90  # the window of the compiled project is the default
NEW_SINCE = dt.date(2020, 1, 1)
REACH = dt.timedelta(days=WINDOW + 1)

Lives = list[list[dt.date]]
"""The purchase days of each customer, in order."""


def measure(model: str, lives: Lives, as_of: dt.date) -> dict[tuple[dt.date, int], dict[str, Any]]:
    """Rows of a gold model over customers with these purchase days, of which none after as_of is known."""
    days, customers = [], []
    for number, life in enumerate(lives):
        known = [day for day in life if day <= as_of]
        for place, day in enumerate(known):
            later = known[place + 1] if place + 1 < len(known) else None
            row = {"customer_id": f"c{number}", "activity_date": day, "sale_line_count": 1, "next_purchase_date": later}
            days.append(row)
        if known:
            row = {"customer_id": f"c{number}", "first_order_date": known[0], "order_count": len(known)}
            customers.append({**row, "tenure_days": (as_of - known[0]).days, "as_of_date": as_of})
    found = in_duckdb(
        compiled("online retail")[model],
        customer_days=pa.Table.from_pylist(days),
        customer_measures=pa.Table.from_pylist(customers),
        as_of=pa.table({"as_of_date": [as_of], "first_date": [min(day["activity_date"] for day in days)]}),
        wash_out=pa.table({"new_since_date": [NEW_SINCE]}),
    )
    key = "lost_month_date" if model == "return_after_loss" else "cohort_month_date"
    made = {(row[key], row["weeks_since"]): row for row in found}
    assert len(made) == len(found)
    return made


def before(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


JULY = dt.date(2024, 7, 1)


def test_by_hand():
    """Five came on July 4th, 180 days before as_of. One bought that day only: gone on day 91, in week 13. Two were seen last on
    day 9: gone on day 100, in week 14. One bought 90 days ago, which is not above the window, and one yesterday: both are
    still there on day 180, in week 25.
    """
    came = before(180)
    lives = [[came], *[[came, came + dt.timedelta(days=9)]] * 2, [came, before(90)]]
    lives += [[came, came + dt.timedelta(days=90), before(1)]]
    found = measure("survival_by_cohort", lives, AS_OF)
    assert [week for _, week in found] == list(range(26))
    columns = ("at_risk_count", "churned_count", "censored_count", "survival_rate")
    assert picked(found[JULY, 12], *columns) == (5, 0, 0, 1)
    assert picked(found[JULY, 12], "survival_rate_low", "survival_rate_high") == (None, None)
    assert picked(found[JULY, 13], *columns) == (5, 1, 0, pytest.approx(4 / 5))
    assert picked(found[JULY, 14], *columns) == (4, 2, 0, pytest.approx(4 / 5 * 2 / 4))
    assert picked(found[JULY, 25], *columns) == (2, 0, 2, pytest.approx(0.4))
    # Greenwood: 1/(5 x 4) + 2/(4 x 2) = 0.3; sqrt(0.3) / |ln 0.4| = 0.59776; exp(1.95996 x 0.59776) = 3.22711, and its inverse
    ends = picked(found[JULY, 25], "survival_rate_low", "survival_rate_high")
    assert ends == pytest.approx((0.4**3.22711, 0.4 ** (1 / 3.22711)), rel=1e-4)
    # whoever came on July 31st has been watched to the end of week 20 on December 24th, and of week 21 on the 31st
    assert [week for (_, week), row in found.items() if row["is_final"]] == list(range(22))


def test_a_return_forgives_no_silence():
    """Both are silent for 91 days; one comes back on day 92, and on day 91, its last chance, a third one does."""
    came = before(200)
    later = [came + dt.timedelta(days=days) for days in (91, 92)]
    found = measure("survival_by_cohort", [[came], [came, later[1]], [came, later[0]]], AS_OF)
    month = came.replace(day=1)
    assert picked(found[month, 13], "at_risk_count", "churned_count") == (3, 2)
    returns = measure("return_after_loss", [[came], [came, later[1]], [came, later[0]]], AS_OF)
    lost = (came + REACH).replace(day=1)
    names = ("lost_count", "at_risk_count", "returned_count", "return_rate")
    assert picked(returns[lost, 0], *names) == (2, 2, 1, pytest.approx(0.5))
    # both who bought again were lost (again) 91 days later, on days 182 and 183, and have not come back
    assert picked(returns[before(18).replace(day=1), 0], *names) == (2, 2, 0, 0)


def test_all_of_a_cohort_left():
    found = measure("survival_by_cohort", [[before(300), before(290)], [before(300), before(280)]], AS_OF)
    last = max(found)
    assert picked(found[last], "survival_rate", "survival_rate_low", "survival_rate_high") == (0, None, None)
    assert sum(row["churned_count"] for row in found.values()) == 2


def kaplan_meier(group: list[tuple[int, bool]], until: int) -> tuple[float, float | None, float | None]:
    """Survival after day `until` with its log-log interval, from (days seen, whether ended then)."""
    rate, variance = 1.0, 0.0
    for moment in sorted({days for days, ended in group if ended and days <= until}):
        at_risk = sum(days >= moment for days, _ in group)
        count = sum(days == moment and ended for days, ended in group)
        rate *= 1 - count / at_risk
        variance += count / (at_risk * (at_risk - count)) if count < at_risk else 0
    if rate in (0, 1):
        return rate, None, None
    reach = 1.959963984540054 * math.sqrt(variance) / abs(math.log(rate))
    return rate, rate ** math.exp(reach), rate ** math.exp(-reach)


def draw_lives(seed: int) -> Lives:
    """Customers who buy at random, with pauses of all lengths: many are lost and come back."""
    rng = random.Random(seed)
    lives = []
    for _ in range(rng.choice([30, 400])):
        life, day = [], before(rng.randint(1, 600))
        pause = rng.choice([10, 40, 120])
        while day <= AS_OF and rng.random() < 0.9:
            life.append(day)
            day += dt.timedelta(days=1 + int(rng.expovariate(1 / pause)))
        lives.append(life or [before(5)])
    return lives


def find_silences(life: list[dt.date], as_of: dt.date) -> list[tuple[dt.date, dt.date | None]]:
    """The first day beyond the window of each long silence, and the day of the return."""
    known = [day for day in life if day <= as_of]
    pairs = zip(known, [*known[1:], None], strict=True)
    silences = [(day + REACH, later) for day, later in pairs if later is None or later > day + REACH]
    return [(start, later) for start, later in silences if start <= as_of]


def assert_is_kaplan_meier(found: dict, groups: dict[dt.date, list[tuple[int, bool]]], names: tuple[str, ...]) -> None:
    """names: the columns of the count, the ended ones and the rate with its ends, of survival."""
    count, ended_name, *rate_names = names
    assert set(found) == {(month, week) for month, seen in groups.items() for week in range(max(seen)[0] // 7 + 1)}
    for (month, week), row in found.items():
        group = groups[month]
        assert row[count] == len(group)
        assert row["at_risk_count"] == sum(days >= 7 * week for days, _ in group)
        assert row[ended_name] == sum(days // 7 == week and ended for days, ended in group)
        assert row["censored_count"] == sum(days // 7 == week and not ended for days, ended in group)
        expected = kaplan_meier(group, 7 * week + 6)
        if ended_name == "returned_count":
            rate, low, high = expected
            expected = (1 - rate, high if high is None else 1 - high, low if low is None else 1 - low)
        rates = picked(row, *rate_names)
        assert rates == tuple(value if value is None else pytest.approx(value, abs=1e-9) for value in expected)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_survival_against_python(seed):
    cohorts: dict[dt.date, list[tuple[int, bool]]] = defaultdict(list)
    lives = draw_lives(seed)
    for life in lives:
        silences = find_silences(life, AS_OF)
        end = silences[0][0] if silences else AS_OF
        cohorts[life[0].replace(day=1)].append(((end - life[0]).days, bool(silences)))
    found = measure("survival_by_cohort", lives, AS_OF)
    rates = ("survival_rate", "survival_rate_low", "survival_rate_high")
    assert_is_kaplan_meier(found, cohorts, ("customer_count", "churned_count", *rates))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_returns_against_python(seed):
    months: dict[dt.date, list[tuple[int, bool]]] = defaultdict(list)
    lives = draw_lives(seed)
    for life in lives:
        for start, later in find_silences(life, AS_OF):
            months[start.replace(day=1)].append((((later or AS_OF) - start).days, later is not None))
    found = measure("return_after_loss", lives, AS_OF)
    rates = ("return_rate", "return_rate_low", "return_rate_high")
    assert_is_kaplan_meier(found, months, ("lost_count", "returned_count", *rates))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("model", ["survival_by_cohort", "return_after_loss"])
def test_the_future_revises_nothing(model, seed):
    """What is final on one day is the same when measured on any later day."""
    lives = draw_lives(seed)
    finals = 0
    for days in (400, 250, 91, 30):
        earlier, later = measure(model, lives, before(days)), measure(model, lives, AS_OF)
        for key, row in earlier.items():
            if row["is_final"]:
                finals += 1
                rates = [name for name in row if "rate" in name]
                names = [name for name in row if name.endswith("_count") and name != "censored_count"]
                assert picked(later[key], *names) == picked(row, *names)
                assert picked(later[key], *rates) == picked(row, *rates)
    assert finals > 100


def test_who_churned_was_silent(corner_shop):
    """Over all weeks and cohorts, at least those whom customer_churn calls churned."""
    churned = sum(row["is_churned"] for row in corner_shop.rows("gold.customer_churn"))
    assert sum(row["churned_count"] for row in corner_shop.rows("gold.survival_by_cohort")) == churned > 0
    (model,) = {row["churn_model"] for row in corner_shop.rows("gold.customer_churn")}
    assert model.startswith("withheld: ") and "needed" in model
