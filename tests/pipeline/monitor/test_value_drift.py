"""The monitor of values: quiet over ordinary days, and not over another unit, empty columns, or categories that change."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter

import pytest

from patron.pipeline.monitor.drift import judge_drift, measure_psi
from pipeline.monitor.ordinary_days import FIRST, draw_channels, draw_prices

HISTORY = 84
LAST = FIRST + dt.timedelta(days=99)


def judge(days, *, is_category=False):
    return [one.what for one in judge_drift(days, LAST, HISTORY, is_category=is_category)]


def test_psi_is_that_of_the_books():
    """Shares 50/50 against 80/20: (0.5 - 0.8) ln(0.5 / 0.8) + (0.5 - 0.2) ln(0.5 / 0.2) = 0.4159."""
    found = measure_psi({"a": 50_000, "b": 50_000}, {"a": 80_000, "b": 20_000, None: 7})
    assert found == pytest.approx(0.3 * math.log(0.8 / 0.5) + 0.3 * math.log(0.5 / 0.2), abs=1e-3)


def test_ordinary_days_have_not_drifted():
    odd = judged = 0
    for seed in range(10):
        for days, is_category in ((draw_prices(seed, rows=60), False), (draw_channels(seed, rows=60), True)):
            for number in range(30, 100):
                judged += 1
                odd += bool(judge_drift(days, FIRST + dt.timedelta(days=number), HISTORY, is_category=is_category))
    assert (odd, judged) == (0, 1400)


@pytest.mark.parametrize("rows", [40, 200, 2000])
def test_amounts_times_100_are_told(rows):
    days = draw_prices(1, rows=rows)
    days[LAST] = Counter({str(int(one) + 7): count for one, count in days[LAST].items()})
    (what,) = judge(days)
    assert what.startswith("values are spread otherwise than before: PSI")


def test_a_column_gone_null_is_told_once():
    days = draw_prices(1)
    days[LAST] = Counter({None: 200})
    assert judge(days) == ["100% of the values are empty; 0% usual"]


def test_half_empty_is_told_and_a_little_is_not():
    days = draw_channels(1)
    days[LAST] = Counter({"web": 60, "shop": 30, "phone": 10, None: 100})
    assert judge(days, is_category=True) == ["50% of the values are empty; 2% usual"]
    days[LAST] = Counter({"web": 110, "shop": 55, "phone": 15, None: 20})
    assert judge(days, is_category=True) == []


def test_new_and_vanished_categories_are_told_without_their_names():
    days = draw_channels(1)
    days[LAST] = Counter({"web": 130, "kiosk": 60, "phone": 10})
    said = " | ".join(judge(days, is_category=True))
    assert "a value that was not there before has 30% of the rows" in said
    assert "a value is gone that had 30% of the rows" in said
    assert "kiosk" not in said and "shop" not in said


def test_a_rare_category_may_come_and_go():
    days = draw_channels(1)
    days[LAST] = Counter({"web": 130, "shop": 62, "fax": 8})
    assert judge(days, is_category=True) == []


def test_too_few_rows_or_days_say_nothing():
    days = draw_prices(1)
    days[LAST] = Counter({"20": 29})
    assert judge(days) == []
    days[LAST] = Counter({"20": 200})
    assert judge(days) != []
    assert judge({day: rows for day, rows in days.items() if day > LAST - dt.timedelta(days=20)}) == []


def test_values_that_change_every_week_may():
    """A shop with offers: on Saturdays prices are others."""
    days = draw_prices(1)
    cheap = {
        day: Counter({str(int(one) - 3): n for one, n in rows.items()})
        for day, rows in days.items()
        if day.weekday() == 5
    }
    saturday = max(cheap)
    assert judge_drift({**days, **cheap}, saturday, HISTORY) == []


class TestEdges:
    """What is judged from exactly which day, row and share on."""

    def days(self, today, *, before=None, history=28):
        made = {LAST - dt.timedelta(days=back): Counter(before or {"web": 100}) for back in range(1, history + 1)}
        return {**made, LAST: Counter(today)}

    def test_28_days_are_enough_and_27_are_not(self):
        assert judge(self.days({"shop": 100}))
        assert judge(self.days({"shop": 100}, history=27)) == []

    def test_30_rows_are_enough(self):
        assert judge(self.days({"shop": 30}))
        assert judge(self.days({"shop": 29})) == []

    def test_empty_values_are_no_bin(self):
        assert measure_psi({"web": 10, None: 90}, {"web": 50, None: 1}) == 0
        assert measure_psi({None: 9}, {"web": 50}) == 0

    def test_a_new_category_is_told_from_the_share_itself_on(self):
        said = "a value that was not there before has 10% of the rows"
        assert said in judge(self.days({"web": 90, "kiosk": 10}), is_category=True)
        assert judge(self.days({"web": 910, "kiosk": 90}), is_category=True) == []

    def test_a_value_that_one_day_lacked_may_be_gone(self):
        days = self.days({"web": 200}, before={"web": 80, "phone": 20})
        gone = "a value is gone that had 20% of the rows, and some on every day"
        assert gone in judge(days, is_category=True)
        days[LAST - dt.timedelta(days=9)] = Counter({"web": 100})
        assert gone.replace("20%", "19%") not in judge(days, is_category=True)

    def test_a_share_of_empty_values_rises_by_the_limit_before_it_is_told(self):
        before = {"web": 98, None: 2}
        assert judge(self.days({"web": 78, None: 22}, before=before)) == []
        assert judge(self.days({"web": 77, None: 23}, before=before)) == ["23% of the values are empty; 2% usual"]
