"""Rule files: what ships is sound, and what is wrong is named with file and line before any data is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from patron.errors import SettingsError
from patron.expressions import DIALECTS
from patron.render import rules, segments

HEADER = ",".join(rules.RULE_HEADER)
SEGMENTS = ",".join(segments.HEADER)


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", rules.shipped_names("line_kinds"))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_shipped_rules_are_written_for_every_engine(name, dialect):
    parsed = rules.read_rules(rules.shipped("line_kinds", name))
    for rule_set in rules.RULE_SETS:
        tree = sqlglot.parse_one(rules.case_sql(parsed, rule_set, dialect), read=dialect)
        assert isinstance(tree, exp.Case)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n", ["header", HEADER]),
        (f"{HEADER}\nline_kind,sail,,,\n", ["'sail'", "line 2", "sale"]),
        (f"{HEADER}\nline_kinds,sale,,,\n", ["'line_kinds'", "line 2", "line_kind"]),
        (f"{HEADER}\nline_kind,sale,(select 1),,\n", ["subquery", "line 2"]),
        (f"{HEADER}\nline_kind,sale,quantty > 0,,\n", ["quantty", "line 2", "quantity"]),
        (f"{HEADER}\nline_kind,sale\n", ["cells", "line 2"]),
    ],
)
def test_wrong_rules_are_named(tmp_path, text, expected):
    with pytest.raises(SettingsError) as raised:
        rules.read_rules(written(tmp_path, text))
    for words in expected:
        assert words in str(raised.value)


@pytest.mark.parametrize(("name", "labels"), [("nine", 9), ("thirteen", 13)])
def test_shipped_segments_take_all_125_triples_and_each_is_reachable(name, labels):
    taken = segments.assign(segments.read_segments(rules.shipped("segments", name)))
    assert len(taken) == 125
    assert None not in taken.values()
    assert len({segment.name for segment in taken.values() if segment}) == labels


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("A,2,5,1,5,1,5,,\n", ["25 of the 125", "(1, 1, 1)"]),
        ("A,1,5,1,5,1,5,,\nB,5,5,5,5,5,5,,\n", ["'B'", "line 3"]),
        ("A,0,5,1,5,1,5,,\n", ["recency", "'0'", "line 2"]),
        ("A,4,2,1,5,1,5,,\n", ["recency", "line 2"]),
    ],
)
def test_wrong_segments_are_named(tmp_path, rows, expected):
    with pytest.raises(SettingsError) as raised:
        segments.read_segments(written(tmp_path, f"{SEGMENTS}\n{rows}"))
    for words in expected:
        assert words in str(raised.value)


def test_an_unknown_set_names_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match="onlin_retail") as raised:
        rules.rule_file("line_kinds", "onlin_retail", tmp_path)
    assert "did you mean 'online_retail'" in str(raised.value)
    with pytest.raises(SettingsError, match="no file"):
        rules.rule_file("line_kinds", "./mine.csv", tmp_path)
