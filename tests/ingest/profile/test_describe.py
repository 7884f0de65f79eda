"""What is said of a column before anything is mapped; values of people are not repeated."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from patron.ingest.profile.describe import describe_table

TODAY = dt.date(2024, 6, 1)


def describe(**columns):
    table = describe_table("t", {name: pa.chunked_array([pa.array(v)]) for name, v in columns.items()}, today=TODAY)
    return table if len(columns) > 1 else table.columns[0]


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (["1", "2"], "whole numbers"),
        (["1.250", "2.123"], "numbers"),
        (["$1.00", "$2.00"], "amounts"),
        (["2024-01-01", "2024-01-02"], "days"),
        (["2024-01-01 10:00", "2024-01-02 11:00"], "times"),
        (["10:00", "11:30"], "times of day"),
        (["yes", "no"], "truth values"),
        (["a@example.test", "b@example.test"], "e-mail addresses"),
        (["red", "blue"], "text"),
        ([None, None], "nothing"),
        ([[1, 2], [3]], "lists or records"),
    ],
)
def test_what_a_column_holds(values, holds):
    assert describe(x=values).holds == holds


def test_counts_range_and_key():
    column = describe(code=["7", "3", None, "11"])
    assert (column.rows, column.nulls, column.distinct) == (4, 1, 3)
    assert (column.least, column.greatest, column.is_key) == ("3", "11", False)
    assert describe(code=["7", "3", "11"]).is_key


@pytest.mark.parametrize(
    ("name", "values", "anomaly"),
    [
        ("x", ["1", "NaN", "3"], "1 x missing written as 'NaN'"),
        ("x", ["red ", "blue"], "1 x blanks at the ends"),
        ("price", ["5.00", "-2.50"], "1 x below zero"),
        ("x", ["2024-01-01", "2031-01-01"], "1 x in the future"),
        ("x", ["1899-01-01", "2024-01-01"], "1 x before 1900"),
        ("x", ["01/02/2024", "03/04/2024"], "day or month may come first"),
        ("x", ["Red", "red", "red"], "1 x the same text in another case"),
        ("x", [str(n) for n in range(40)] + ["many"], "1 x not whole numbers like the others"),
    ],
)
def test_what_is_odd_is_said(name, values, anomaly):
    assert describe(**{name: values}).anomalies == (anomaly,)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("mail", ["mia@example.test"]),
        ("contact", ["mia@example.test", "by phone"]),
        ("Customer Name", ["Mia Example"]),
        ("birth_date", ["1980-05-01"]),
        ("tel", ["+49 30 7946 0080"]),
    ],
)
def test_values_of_people_are_masked(name, values):
    column = describe(**{name: values})
    assert column.is_personal
    shown = repr(column)
    assert not any(value in shown for value in values)


def test_names_of_things_are_shown():
    assert describe(product_name=["Bowl"]).examples == ("Bowl",)


def test_equal_rows_are_counted():
    assert describe(a=["1", "1", "2"], b=["x", "x", "x"]).duplicates == 1
