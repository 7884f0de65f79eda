"""Text of data on its way out: as a cell that no spreadsheet runs, and as characters that no terminal obeys."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

_IGNORED = r"\s\x00" + "\u00a0\u200b\u200e\u200f\ufeff"  # by spreadsheets, before a formula
FORMULA = rf"^[{_IGNORED}]*[=+\-@＝＋－＠]|^[\t\r\n]"
"""A spreadsheet may run a text that matches as a formula, unless it matches NUMBER. RE2 reads both, too."""

NUMBER = r"^[+\-]?[0-9][0-9 ().,/\-]*$"
"""A telephone number, an amount, a date: digits and what divides them call no function and name no cell."""

_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def write_cell(value: Any) -> Any:
    """Write a value for a CSV file: a text that a spreadsheet might run gets an apostrophe first; numbers stay."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.search(value) and not _NUMBER.search(value) else value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters but tab and line break, and marks that hide or turn the text around them."""


def show_controls(text: str) -> str:
    r"""Show characters that a terminal would obey as what they are, such as \x1b, in the place of their effect."""
    return _UNSEEN.sub(lambda found: _escape(found[0]), text)


def escape_controls_in_json(text: str) -> str:
    """Escape in a JSON document what JSON allows as it is, but a terminal would obey."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
