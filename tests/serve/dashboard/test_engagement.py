"""The engagement page: the days of the URL, and means and counts that are gold's."""

from __future__ import annotations

import datetime as dt

import pytest
from gold_rows import gold, records

from patron.project.number_format import Formats
from patron.serve.dashboard.pages.engagement.days import Days, parse_days

NOVEMBER = Days(dt.date(2011, 11, 1), dt.date(2011, 11, 30))
MEANS = "select avg(dau), avg(wau), avg(mau), avg(stickiness) from gold.engagement_daily where activity_date between ? and ?"


def test_the_days_of_the_url_are_shown_with_their_change(retail, sheet):
    formats = Formats.of(retail.settings.shop)
    page = sheet(retail).open("engagement", days="2011-11-01..2011-11-30")
    dau, wau, mau, stickiness = gold(retail, MEANS, NOVEMBER.first, NOVEMBER.last)[0]
    assert page.tile("Daily active customers") == formats.count(dau, digits=1)
    assert page.tile("Monthly active customers") == formats.count(mau, digits=0 if mau >= 100 else 1)
    assert page.tile("Stickiness") == formats.share(stickiness, digits=1)
    before = gold(retail, MEANS, NOVEMBER.before().first, NOVEMBER.before().last)[0]
    assert formats.share(abs(wau / before[1] - 1)) in page.text()
    shown = records(page.csv("Active customers"))
    sql = "select activity_date, dau, mau from gold.engagement_daily where activity_date between ? and ? order by 1"
    expected = [
        (str(day), str(a_day), str(a_month)) for day, a_day, a_month in gold(retail, sql, NOVEMBER.first, NOVEMBER.last)
    ]
    assert [(row["Day"], row["Daily active customers"], row["Monthly active customers"]) for row in shown] == expected


def test_days_are_kept_within_the_period(retail, sheet):
    page = sheet(retail).open("engagement", period="2011-11", days="2011-11-20..2011-12-09")
    days = [row["Day"] for row in records(page.csv("Active customers"))]
    assert (days[0], days[-1]) == ("2011-11-20", "2011-11-30")


def test_days_that_the_shop_does_not_have_are_all_days(retail, sheet):
    page = sheet(retail).open("engagement", days="1999-01-01..1999-02-01")
    shown = records(page.csv("Active customers"))
    assert len(shown) == gold(retail, "select count(*) from gold.engagement_daily")[0][0]
    assert "no source maps" in page.text().lower()


def test_new_and_returning_add_up(retail, sheet):
    page = sheet(retail).open("engagement", period="2011-Q3")
    shown = records(page.csv("New and returning customers"))
    assert shown
    for row in shown:
        sql = "select customer_count, new_customer_count from gold.period_metrics where period_kind = 'week' and period_start_date = ?"
        customers, new = gold(retail, sql, dt.date.fromisoformat(row["Period"]))[0]
        assert (int(row["New customers"]), int(row["Returning customers"])) == (new, customers - new)


def test_sign_ups_are_gold(cafe, sheet):
    shown = records(sheet(cafe).open("engagement").csv("Sign-ups by month"))
    assert (
        sum(int(row["Sign-ups"]) for row in shown)
        == gold(cafe, "select sum(signup_count) from gold.signup_metrics")[0][0]
    )


@pytest.mark.parametrize("text", ["", "2011", "2011-02-30..2011-03-01", "2011-03-02..2011-03-01", "x..y"])
def test_what_is_no_range_of_days_is_none(text):
    assert parse_days(text) is None


def test_days_before_are_as_many_and_end_just_before():
    assert parse_days("2011-11-01..2011-11-30") == NOVEMBER
    assert NOVEMBER.before() == Days(dt.date(2011, 10, 2), dt.date(2011, 10, 31))
    assert NOVEMBER.before().count == NOVEMBER.count == 30
    assert NOVEMBER.within(Days(dt.date(2011, 11, 15), dt.date(2012, 1, 1))) == Days(
        dt.date(2011, 11, 15), dt.date(2011, 11, 30)
    )
    assert NOVEMBER.within(NOVEMBER.before()) is None
