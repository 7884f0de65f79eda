"""Macros whose text is remembered: they read nothing but the dialect and their arguments, and give what they gave."""

from __future__ import annotations

import re

import pytest

from patron.transform.compile import macros
from patron.transform.shipped_sql import read_shipped_files

_MACRO = re.compile(r"\{%-?\s*macro\s+(?:\w+?__)?(\w+)\(.*?%\}(.*?)\{%-?\s*endmacro", re.DOTALL)
BODIES = [
    (name, body)
    for file, text in read_shipped_files().items()
    if file.startswith("macros/")
    for name, body in _MACRO.findall(text)
    if macros._PURE.fullmatch(name)
]


def test_types_and_escaping_are_among_them():
    assert {"type_text", "type_double", "escape_text"} <= {name for name, _ in BODIES}


@pytest.mark.parametrize(("name", "body"), BODIES)
def test_they_read_no_settings_and_no_node(name, body):
    assert (
        re.findall(r"\b(var|env_var|ref|source|config|model|this|graph|refresh\w*|is_incremental\w*)\b\s*[(.]", body)
        == []
    )


def test_another_argument_gives_another_text():
    macro = macros.Macro("escape_text")
    asked = []
    macro.body = lambda text: asked.append(text) or text.upper()
    assert [macro("a"), macro("b"), macro("a")] == ["A", "B", "A"]
    assert asked == ["a", "b"]


def test_other_macros_are_asked_each_time():
    macro, answers = macros.Macro("rows_to_test"), iter("xy")
    macro.body = lambda: next(answers)
    assert [macro(), macro()] == ["x", "y"]
