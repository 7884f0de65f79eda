"""Periods: what people write, and how they follow each other."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.errors import SettingsError
from patron.project.number_format import Formats
from patron.serve.periods import Kind, Period, find_last_complete

BRITISH = Formats("en_GB", "GBP")
KINDS: list[Kind] = ["week", "month", "quarter", "year"]

kinds = st.sampled_from(KINDS)
days = st.dates(dt.date(3, 1, 1), dt.date(9990, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last", "before", "year_before", "label"),
    [
        ("2011-11", "2011-11-01", "2011-11-30", "2011-10", "2010-11", "November 2011"),
        ("2012-02", "2012-02-01", "2012-02-29", "2012-01", "2011-02", "February 2012"),
        ("2011-Q4", "2011-10-01", "2011-12-31", "2011-Q3", "2010-Q4", "Q4 2011"),
        ("2011-q1", "2011-01-01", "2011-03-31", "2010-Q4", "2010-Q1", "Q1 2011"),
        ("2011", "2011-01-01", "2011-12-31", "2010", "2010", "2011"),
        ("2011-W45", "2011-11-07", "2011-11-13", "2011-W44", "2010-W45", "the week of 7 Nov 2011"),
        ("2009-W01", "2008-12-29", "2009-01-04", "2008-W52", "2008-W01", "the week of 29 Dec 2008"),
        ("2015-W53", "2015-12-28", "2016-01-03", "2015-W52", "2015-W01", "the week of 28 Dec 2015"),
    ],
)
def test_what_people_write(text, first, last, before, year_before, label):
    period = Period.parse(text)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert (str(period.previous()), str(period.year_before())) == (before, year_before)
    assert period.label(BRITISH) == label


@pytest.mark.parametrize(
    "text", ["", "11-2011", "2011-13", "2011-00", "2011-Q5", "2011-W53", "0000", "2011-11-01", "Nov 2011", "²⁰¹¹"]
)
def test_what_is_no_period(text):
    with pytest.raises(SettingsError) as error:
        Period.parse(text)
    assert "2011-11" in str(error.value.do)
    assert "2011-Q4" in str(error.value.do)


@given(kinds, days)
def test_a_day_lies_in_one_period_of_each_kind(kind, day):
    period = Period.of(kind, day)
    assert period.first <= day <= period.last
    assert Period.of(kind, period.first) == Period.of(kind, period.last) == period


@given(kinds, days)
def test_periods_follow_each_other_without_a_gap(kind, day):
    period = Period.of(kind, day)
    assert period.previous().last + dt.timedelta(days=1) == period.first
    assert period.next().previous() == period
    assert period.previous() != period


@given(kinds, days)
def test_what_is_written_is_reread_rejected(kind, day):
    period = Period.of(kind, day)
    assert Period.parse(str(period)) == period


@given(kinds, days)
def test_the_last_complete_one_is_the_newest_that_is_over(kind, day):
    period = find_last_complete(kind, day)
    assert period.is_complete(day)
    assert not period.next().is_complete(day)


@given(days)
def test_a_week_of_the_year_before_has_the_same_weekdays(day):
    week = Period.of("week", day)
    assert week.year_before().first.weekday() == 0
    assert (week.first - week.year_before().first).days == 364
