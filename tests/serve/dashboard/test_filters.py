"""What a URL asks for, held against what the shop has."""

from __future__ import annotations

import pytest

from patron.serve.dashboard.data import open_latest
from patron.serve.dashboard.filters import Choices, Filters, FilterSpec, choose, list_unapplied
from patron.serve.periods import Period

NOVEMBER = Period.parse("2011-11")


@pytest.fixture(scope="module")
def choices(retail):
    return Choices(open_latest(retail.published, frozenset()))


def spec(*names, default="all"):
    return FilterSpec(names, default)


def test_periods_are_those_of_the_shop_newest_first(choices):
    texts = choices.texts("period")
    assert texts[:2] == ["2011", "2010"]
    assert [text for text in texts if "Q" in text] == ["2011-Q4", "2011-Q3", "2011-Q2", "2011-Q1", "2010-Q4"]
    assert texts[-1] == "2010-12"


def test_filters_of_the_url_are_selected(choices):
    filters, ignored = choose(spec("period", "segment"), choices, {"period": "2011-q4", "segment": "LOST"})
    assert (filters, ignored) == (Filters(period=Period.parse("2011-Q4"), segment="Lost"), [])


@pytest.mark.parametrize(
    "requested", [{"period": "2035-01"}, {"period": "soon"}, {"segment": "<b>x"}, {"segment": "x" * 999}]
)
def test_unknown_filter_values_are_reported_and_ignored(choices, requested):
    filters, ignored = choose(spec("period", "segment"), choices, requested)
    assert filters == Filters()
    assert len(ignored) == 1
    assert next(iter(requested.values()))[:80] in ignored[0]
    assert len(ignored[0]) < 160


def test_a_page_shows_the_last_complete_period_of_its_kind(choices):
    monthly = spec("period", default="month")
    assert choose(monthly, choices, {})[0].period == NOVEMBER
    assert choose(monthly, choices, {"period": "all"})[0].period is None
    assert choose(spec("period", default="year"), choices, {})[0].period == Period.parse("2010")


def test_a_filter_of_another_page_is_reported_and_not_applied(choices):
    assert choose(spec("segment"), choices, {"period": "2011-11"})[0] == Filters()
    assert list_unapplied(spec("segment"), {"period": "2011-11", "region": "all"}) == ["period"]


def test_conditions_are_parameters():
    assert Filters(segment="Lost", channel="x' or 1").customers("c.") == (
        "c.segment = ? and c.preferred_channel = ?",
        ["Lost", "x' or 1"],
    )
    assert Filters().customers() == ("true", [])
    assert Filters(period=NOVEMBER).days() == (NOVEMBER.first, NOVEMBER.last)
