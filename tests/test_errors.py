"""What errors say: the nearest spelling, and the parts of a message."""

from __future__ import annotations

import pytest

from patron.errors import PatronError, did_you_mean, find_nearest, pluralize

COLUMNS = ["CustomerID", "InvoiceDate", "Invoice"]


@pytest.mark.parametrize(
    ("name", "then", "said"),
    [
        ("CustomerId", "", "did you mean 'CustomerID'?"),
        ("customerid", "there are 3", "did you mean 'CustomerID'? there are 3"),
        ("zzz", "there are 3", "there are 3"),
        ("zzz", "", ""),
    ],
)
def test_a_misspelt_name_gets_the_nearest_spelling_and_what_follows(name, then, said):
    assert did_you_mean(name, COLUMNS, then) == said


def test_several_suggestions_come_nearest_first():
    assert find_nearest("invoicedat", COLUMNS, count=2) == ["InvoiceDate", "Invoice"]
    assert did_you_mean("invoicedat", COLUMNS, count=2) == "did you mean 'InvoiceDate' or 'Invoice'?"


def test_a_message_says_what_where_and_next():
    error = PatronError("It broke.", where="line 3", do="fix it")
    assert str(error) == "It broke.\n  where: line 3\n  next:  fix it"
    assert error.as_dict() == {"error": "error", "what": "It broke.", "where": "line 3", "next": "fix it"}


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (2000, "2,000 files"), (3, "3 entries")]
)
def test_a_count_stands_with_its_noun(count, words):
    assert pluralize(count, *(("entry", "entries") if count == 3 else ("file",))) == words
