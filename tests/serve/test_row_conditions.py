"""Conditions that a reader writes, and the columns that they hold to one value."""

from __future__ import annotations

import pytest

from patron.errors import SettingsError
from patron.serve.row_conditions import list_columns, list_held_columns, parse_condition


@pytest.mark.parametrize(
    ("where", "held"),
    [
        ("", set()),
        ("kind = 'month'", {"kind"}),
        ("'month' = Kind and n > 1", {"kind"}),
        ("(kind = 'month') and (day = 3 and x is null)", {"kind", "day"}),
        ("kind = 'month' or kind = 'year'", set()),
        ("not kind = 'month'", set()),
        ("kind <> 'month'", set()),
        ("kind >= 'month'", set()),
        ("kind = other", set()),
        ("kind = lower(kind)", set()),
        ("kind in ('month')", set()),
        ("'kind' = 'month' /* kind = 'month' */", set()),
    ],
)
def test_a_column_is_held_by_a_condition_that_all_rows_meet(where, held):
    assert list_held_columns(parse_condition(where)) == held


def test_columns_are_those_that_are_read_and_not_words_in_texts():
    assert list_columns(parse_condition("a > 1 or 'b' = lower(t.C) -- d")) == {"a", "c"}


@pytest.mark.parametrize("where", ["1 = 1) or (1 = 1", "a; b", "select 1", "a = 1; select 2", "from x", "a ="])
def test_what_is_not_one_condition_is_refused(where):
    with pytest.raises(SettingsError, match="not one condition"):
        parse_condition(where)
