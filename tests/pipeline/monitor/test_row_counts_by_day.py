"""The monitor of row counts: quiet over ordinary sources, and not over what is missing, halved or doubled."""

from __future__ import annotations

import datetime as dt

import pytest

from patron.pipeline.monitor.volume import VolumeLimits, judge_volume
from pipeline.monitor.ordinary_days import FIRST, draw_counts

HISTORY = 84
STEADY = {FIRST + dt.timedelta(days=number): 100 + number % 7 for number in range(84)}
NEXT = FIRST + dt.timedelta(days=84)


def odd_share(counts_by_seed, change):
    """The share of sources whose day, 5 days before the last, is odd once its count is changed."""
    odd = 0
    for counts in counts_by_seed:
        day = max(counts) - dt.timedelta(days=5)
        day -= dt.timedelta(days=day not in counts)
        changed = {**counts, day: round(counts[day] * change)}
        odd += judge_volume(changed, day, HISTORY) is not None
    return odd / len(counts_by_seed)


def test_ordinary_days_raise_hardly_an_alarm():
    judged = odd = 0
    for seed in range(30):
        counts = draw_counts(seed)
        for number in range(90, 200, 2):
            judged += 1
            odd += judge_volume(counts, FIRST + dt.timedelta(days=number), HISTORY) is not None
    assert judged == 1650
    assert odd <= 5  # 0.1% are expected; 5 of 1,650 would come once in some 60 draws of the seeds


@pytest.mark.parametrize(("change", "found"), [(0, 1.0), (0.5, 0.7), (2, 0.7), (1, 0.0)])
def test_a_day_that_is_missing_halved_or_doubled_is_odd(change, found):
    """Of sources whose days vary by 10%. What varies by 25% is halved by chance."""
    sources = [draw_counts(seed, noise=0.1, level=500) for seed in range(40)]
    share = odd_share(sources, change)
    assert share >= found if found else share <= 0.05


def test_it_says_what_came_and_what_was_expected():
    found = judge_volume(STEADY, NEXT, HISTORY)
    assert found is not None
    assert found.expected == pytest.approx(100, abs=0.5)  # a Monday, as are all that have 100
    assert found.describe().startswith("2025-03-31 (Monday): no rows; 100 expected, 60 to 167 usual")


def test_a_weekday_is_compared_with_its_own():
    quiet = {day: 1000 if day.weekday() < 5 else 100 for day in STEADY}
    saturday = NEXT + dt.timedelta(days=5)
    days = {NEXT + dt.timedelta(days=number): 1000 for number in range(5)}
    assert judge_volume({**quiet, **days, saturday: 100}, saturday, HISTORY) is None
    assert judge_volume({**quiet, **days, saturday: 1000}, saturday, HISTORY) is not None
    assert judge_volume({**quiet, NEXT: 100}, NEXT, HISTORY) is not None


def test_a_day_on_which_the_shop_is_closed_expects_nothing():
    open_days = {day: rows for day, rows in STEADY.items() if day.weekday() != 6}
    assert judge_volume(open_days, FIRST + dt.timedelta(days=83), HISTORY) is None


def test_two_bad_days_before_hide_no_third():
    bad = {**STEADY, NEXT - dt.timedelta(days=3): 3, NEXT - dt.timedelta(days=9): 2000}
    assert judge_volume({**bad, NEXT: 40}, NEXT, HISTORY) is not None
    assert judge_volume({**bad, NEXT: 100}, NEXT, HISTORY) is None


def test_a_day_that_is_not_over_may_still_be_low_but_not_high():
    assert judge_volume({**STEADY, NEXT: 10}, NEXT, HISTORY, is_over=False) is None
    assert judge_volume({**STEADY, NEXT: 300}, NEXT, HISTORY, is_over=False) is not None


def test_where_days_without_a_row_are_usual_another_is_not_odd():
    gaps = {day: rows for number, (day, rows) in enumerate(STEADY.items()) if number % 10}
    assert judge_volume(gaps, NEXT, HISTORY) is None


@pytest.mark.parametrize("rows", [10, 27])
def test_less_than_four_weeks_expect_nothing(rows):
    young = dict(list(STEADY.items())[-rows:])
    assert judge_volume(young, NEXT, HISTORY) is None


def test_few_rows_a_day_come_and_go():
    assert judge_volume(dict.fromkeys(STEADY, 15), NEXT, HISTORY) is None


def test_limits_are_settings():
    assert judge_volume({**STEADY, NEXT: 70}, NEXT, HISTORY) is None
    assert judge_volume({**STEADY, NEXT: 70}, NEXT, HISTORY, VolumeLimits(change=0.2)) is not None
    assert judge_volume({**STEADY, NEXT: 10}, NEXT, HISTORY, VolumeLimits(deviations=200)) is None


def test_days_before_the_first_are_no_days_without_a_row():
    young = {day: rows for day, rows in STEADY.items() if day >= NEXT - dt.timedelta(days=50)}
    found = judge_volume(young, NEXT, HISTORY)
    assert found is not None
    assert found.rows == 0
    assert judge_volume(dict(list(young.items())[-27:]), NEXT, HISTORY) is None
