"""Survival by cohort: by hand, and against Kaplan and Meier worked out customer by customer in Python."""

from __future__ import annotations

import datetime as dt
import math
import random

import pyarrow as pa
import pytest

from predict.churn.churn_shop import compiled, in_duckdb
from shops.building import picked

AS_OF, WINDOW = dt.date(2024, 12, 31), 90  # the window of the compiled project is the default


def survival(lives: list[tuple[dt.date, dt.date]]) -> dict[tuple[dt.date, int], dict]:
    """gold.survival_by_cohort of customers with these first and last days."""
    rows = [
        {
            "first_order_date": first,
            "last_order_date": last,
            "days_since_last_order": (AS_OF - last).days,
            "tenure_days": (AS_OF - first).days,
            "order_count": 1,
        }
        for first, last in lives
    ]
    sql = compiled("online retail")["survival_by_cohort"]
    found = in_duckdb(sql, customer_measures=pa.Table.from_pylist(rows))
    made = {(row["cohort_month_date"], row["weeks_since"]): row for row in found}
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
    days = (0, 9, 9, 90, 179)
    found = survival([(came, came + dt.timedelta(days=n)) for n in days])
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


def test_all_of_a_cohort_left():
    found = survival([(before(300), before(290)), (before(300), before(280))])
    last = max(found)
    assert picked(found[last], "survival_rate", "survival_rate_low", "survival_rate_high") == (0, None, None)
    assert sum(row["churned_count"] for row in found.values()) == 2


def kaplan_meier(cohort: list[tuple[int, bool]], until: int) -> tuple[float, float | None, float | None]:
    """Survival after day `until` with its log-log interval, from (days seen, whether churned then)."""
    rate, variance = 1.0, 0.0
    for moment in sorted({days for days, churned in cohort if churned and days <= until}):
        at_risk = sum(days >= moment for days, _ in cohort)
        ended = sum(days == moment and churned for days, churned in cohort)
        rate *= 1 - ended / at_risk
        variance += ended / (at_risk * (at_risk - ended)) if ended < at_risk else 0
    if rate in (0, 1):
        return rate, None, None
    reach = 1.959963984540054 * math.sqrt(variance) / abs(math.log(rate))
    return rate, rate ** math.exp(reach), rate ** math.exp(-reach)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_against_python(seed):
    rng = random.Random(seed)
    lives = []
    for _ in range(rng.choice([30, 400])):
        first = before(rng.randint(1, 400))
        lives.append((first, min(before(1), first + dt.timedelta(days=int(rng.expovariate(1 / 120))))))
    found = survival(lives)
    cohorts: dict[dt.date, list[tuple[int, bool]]] = {}
    for first, last in lives:
        churned = (AS_OF - last).days > WINDOW
        seen = (last - first).days + WINDOW + 1 if churned else (AS_OF - first).days
        cohorts.setdefault(first.replace(day=1), []).append((seen, churned))
    assert set(found) == {(c, week) for c, seen in cohorts.items() for week in range(max(seen)[0] // 7 + 1)}
    for (month, week), row in found.items():
        cohort = cohorts[month]
        assert row["customer_count"] == len(cohort)
        assert row["at_risk_count"] == sum(days >= 7 * week for days, _ in cohort)
        assert row["churned_count"] == sum(days // 7 == week and churned for days, churned in cohort)
        assert row["censored_count"] == sum(days // 7 == week and not churned for days, churned in cohort)
        expected = kaplan_meier(cohort, 7 * week + 6)
        rates = picked(row, "survival_rate", "survival_rate_low", "survival_rate_high")
        assert rates == tuple(pytest.approx(value, rel=1e-9) if value else value for value in expected)


def test_who_churned_is_who_has_churned(corner_shop):
    """Over all weeks and cohorts, those whom customer_churn calls churned."""
    churned = sum(row["is_churned"] for row in corner_shop.rows("gold.customer_churn"))
    assert sum(row["churned_count"] for row in corner_shop.rows("gold.survival_by_cohort")) == churned > 0
    (model,) = {row["churn_model"] for row in corner_shop.rows("gold.customer_churn")}
    assert model.startswith("withheld: ") and "needed" in model
