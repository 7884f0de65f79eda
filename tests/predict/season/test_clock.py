"""Days weighed by the pace of their month, compared with sums over days by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.predict.season.clock import MONTHS, Clock, Season

TWICE_IN_DECEMBER = Season.from_months({month: 2.0 if month == "december" else 1.0 for month in MONTHS})
DECEMBER = 2 * 365.25 / (365.25 + 31)
OTHERS = 365.25 / (365.25 + 31)
NEW_YEAR = dt.date(2023, 12, 31)


def weigh(first: dt.date, last: dt.date) -> float:
    """Sum the paces of the days after `first` up to `last`, in weeks."""
    days = [first + dt.timedelta(days=number) for number in range(1, (last - first).days + 1)]
    return sum(DECEMBER if day.month == 12 else OTHERS for day in days) / 7


def test_paces_have_a_mean_of_1_over_the_days_of_a_year() -> None:
    assert TWICE_IN_DECEMBER.paces[11] == pytest.approx(DECEMBER)
    assert TWICE_IN_DECEMBER.paces[:11] == pytest.approx([OTHERS] * 11)


@given(st.integers(0, 800), st.integers(0, 800), st.integers(0, 800))
def test_warped_weeks_are_sums_over_days(age: int, recency: int, ahead: int) -> None:
    clock = Clock(NEW_YEAR, TWICE_IN_DECEMBER)
    recency = min(recency, age)
    first = NEW_YEAR - dt.timedelta(days=age)
    assert clock.to_age([age])[0] == pytest.approx(weigh(first, NEW_YEAR))
    assert clock.to_recency([recency], [age])[0] == pytest.approx(weigh(first, first + dt.timedelta(days=recency)))
    assert float(clock.to_horizon(ahead)) == pytest.approx(weigh(NEW_YEAR, NEW_YEAR + dt.timedelta(days=ahead)))


def test_weeks_lead_back_to_days() -> None:
    clock = Clock(dt.date(2023, 11, 20), TWICE_IN_DECEMBER)
    days = np.array([0, 1, 10, 11, 40, 41, 400])
    assert clock.to_days(clock.to_horizon(days), 500) == pytest.approx(days)
    assert np.isnan(clock.to_days(np.array([np.nan]), 500)).all()


def test_without_a_season_weeks_have_seven_days() -> None:
    clock = Clock(NEW_YEAR)
    assert clock.to_age([15])[0] == 15 / 7
    assert clock.to_recency([8], [15])[0] == 8 / 7
    assert clock.to_horizon(90) == 90 / 7
    assert clock.to_days(np.array([2.5]), 500)[0] == 17.5


def test_an_even_season_is_none() -> None:
    even = Clock(NEW_YEAR, Season.from_paces([3.0] * 12))
    ages = np.arange(1000)
    assert even.to_age(ages) == pytest.approx(ages / 7)


def test_the_busiest_and_the_quietest_month_are_told() -> None:
    paces = [1.0, 0.5, *([1.0] * 9), 1.6]
    assert Season.from_paces(paces).describe() == (
        "customers buy most often in December (+58%) and least often in February (-51%)"
    )
