"""How the numbers of a column are written, and where two formats fit and mean different numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patron.ingest.profile.numbers import read_numbers


def read(*texts):
    return read_numbers(texts, np.ones(len(texts), dtype=np.int64))


@pytest.mark.parametrize(
    ("texts", "fmt", "numbers"),
    [
        (["1", "2.50", "-3"], None, [1, 2.5, -3]),
        (["$1,234.50", "$2.00"], "1,234.50", [1234.5, 2]),
        (["1.234,50 €", "2,00 €"], "1.234,50", [1234.5, 2]),
        (["1'234.50", "2.00"], "1'234.50", [1234.5, 2]),
        (["1 234,50", "2,00"], "1 234,50", [1234.5, 2]),
        (["($2.50)", "$7.00"], "1,234.50", [-2.5, 7]),
        (["2.50-", "7.00"], "1,234.50", [-2.5, 7]),
        (["-$2.50", "$7.00"], "1,234.50", [-2.5, 7]),
    ],
)
def test_a_format_is_recognised(texts, fmt, numbers):
    found = read(*texts)
    assert (found.format, list(found.values), found.other) == (fmt, numbers, None)


def test_a_second_reading_is_told():
    assert read("1,234", "5,678").other is not None
    assert read("1.234", "5.678").other == "1.234,50"
    assert read("1.234", "5.67").other is None


@pytest.mark.parametrize("texts", [["(-2.50)", "(-1.00)"], ["-2.50-", "-1-"], ["red", "blue"], ["1,2,3", "4,5,6"]])
def test_what_is_no_number_is_none(texts):
    assert read(*texts) is None


def test_single_errors_do_not_hide_a_format():
    found = read(*[f"${n}.00" for n in range(1, 30)], "n.v.")
    assert found.format == "1,234.50"
    assert math.isnan(found.values[-1])
