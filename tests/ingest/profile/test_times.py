"""How the times of a column are written; where the day or the month may come first, both readings are given."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from patron.ingest.profile.times import read_times


def read(*texts):
    return read_times(texts, np.ones(len(texts), dtype=np.int64))


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2024-03-13", ()),
        ("2024-03-13 10:00:00", ()),
        ("2024-03-13T10:00:00Z", ()),
        ("2024-03-13 10:00:00 +0100", ("%Y-%m-%d %H:%M:%S %z",)),
        ("2024/03/13", ("%Y/%m/%d",)),
        ("13/03/2024 10:00", ("%d/%m/%Y %H:%M",)),
        ("3/13/2024", ("%m/%d/%Y",)),
        ("03/13/24", ("%m/%d/%y",)),
        ("03.04.2024", ("%d.%m.%Y",)),
        ("1-Jan-14", ("%d-%b-%y",)),
        ("13 March 2024", ("%d %B %Y",)),
        ("Mar 13, 2024 10:00:00 AM", ("%b %d, %Y %I:%M:%S %p",)),
        ("20240313", ("%Y%m%d",)),
    ],
)
def test_a_format_is_recognised_and_reads_its_text(text, formats):
    found = read(text)
    assert (found.formats, found.is_ambiguous) == (formats, False)
    if formats:
        assert dt.datetime.strptime(text, formats[0]).toordinal() == found.days[0]


def test_one_value_above_twelve_decides_for_all():
    assert read("03/04/2024", "13/04/2024").formats == ("%d/%m/%Y",)
    assert read("03/04/2024", "04/13/2024").formats == ("%m/%d/%Y",)


def test_where_both_fit_neither_is_taken_for_granted():
    found = read("03/04/2024", "05/06/2024 10:00")
    assert found.is_ambiguous
    assert found.formats == ("%d/%m/%Y", "%d/%m/%Y %H:%M")
    assert found.month_first() == ("%m/%d/%Y", "%m/%d/%Y %H:%M")


@pytest.mark.parametrize("texts", [["13/04/2024", "04/13/2024"], ["31/02/2024"], ["12345"], ["Tuesday"]])
def test_what_is_no_time_is_none(texts):
    assert read(*texts) is None
