"""Cells that no spreadsheet runs, and text that no terminal obeys; what is neither stays as it is."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron.contract.outgoing_text import FORMULA, NUMBER, escape_controls_in_json, show_controls, write_cell

FORMULAS = [
    *(
        "=1+1",
        "=cmd|'/c calc'!A0",
        "+SUM(A1)",
        "-A1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u00a0=1",
        "\ufeff=1",
    ),
    *("＝1", "＋A1", "－A1", "＠x", "+1|cmd", "-2+3+cmd|' /C calc'!A0", "+", "-", "=", "+44x", "\u200b@x", "-(1)!A1"),
]
PLAIN = [
    *("+442079460958", "+44 20 7946 0958", "+1 (202) 555-0123", "+49/30/1234", "-5", "-5.00", "-1,234.50", "+3"),
    *("Tea", "a=b", "a@b.test", "1-2", "'=1", "", "é", "2024-01-01", "(=1)"),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_might_run_gets_an_apostrophe(text):
    assert write_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_telephone_numbers_amounts_and_words_stay(text):
    assert write_cell(text) == text


def test_arrow_finds_the_same_texts():
    texts = pa.array([*FORMULAS, *PLAIN])
    found = pc.and_not(pc.match_substring_regex(texts, FORMULA), pc.match_substring_regex(texts, NUMBER))
    assert found.to_pylist() == [True] * len(FORMULAS) + [False] * len(PLAIN)


def test_other_values_are_no_text():
    assert [write_cell(value) for value in (None, -5, 1.5, True)] == [None, -5, 1.5, "true"]


SEQUENCES = [
    ("\x1b[31mred", r"\x1b[31mred"),
    ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
    ("\x1b]52;c;cm0=\x07", r"\x1b]52;c;cm0=\x07"),
    ("\x9b2J", r"\x9b2J"),
    ("a\rb\x08", r"a\x0db\x08"),
    ("\u202egpj", r"\u202egpj"),
    ("\x00\x7f", r"\x00\x7f"),
]


@pytest.mark.parametrize(("text", "shown"), SEQUENCES)
def test_what_a_terminal_would_obey_is_shown(text, shown):
    assert show_controls(text) == shown
    document = escape_controls_in_json(json.dumps([text], ensure_ascii=False))
    assert json.loads(document) == [text]
    assert show_controls(document) == document


@pytest.mark.parametrize("text", ["two\nlines\tand a tab", "Zoë 💎 日本", "👩\u200d🍳"])
def test_other_text_is_shown_as_it_is(text):
    assert show_controls(text) == text
