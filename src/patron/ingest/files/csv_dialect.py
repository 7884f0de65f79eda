"""Guess the dialect of delimited text from its first lines."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace

from patron.errors import SettingsError
from patron.ingest.source import FileSource

_DELIMITERS = (",", ";", "\t", "|")
_BY_SUFFIX = {".tsv": "\t", ".psv": "|"}
_NAMED = {"tab": "\t", "\\t": "\t", "none": "", "space": " "}
_SAMPLED_ROWS = 200
BLANK_LINES = re.compile(r"(?:[ \t]*[\r\n])*")  # a carriage return alone ends one too, whatever ends the rows
SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?\r*\n')  # written by Excel; not a row


@dataclass(frozen=True)
class Dialect:
    """Delimiter, quote and escape character.

    quote: empty if values are never quoted. escape: empty if quotes inside quoted values are doubled.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""


def sniff(head: str, source: FileSource, suffix: str = "") -> Dialect:
    """Guess the dialect of a text that starts with `head`; settings of the source take precedence.

    Whether quotes are escaped by a backslash shows only once the number of columns is known: see csv_file.
    Raises SettingsError for a setting that is not one character.
    """
    head = drop_blank_lines(head)
    quote = _guess_quote(head) if source.quote == "auto" else _check_character("quote", source.quote)
    escape = "" if source.escape == "auto" else _check_character("escape", source.escape)
    dialect = Dialect(",", quote, "" if escape == quote else escape)
    if source.delimiter != "auto":
        return replace(dialect, delimiter=_check_character("delimiter", source.delimiter))
    if found := SEPARATOR_LINE.match(head):
        return replace(dialect, delimiter=found[1])
    return replace(dialect, delimiter=_guess_delimiter(head, dialect, _BY_SUFFIX.get(suffix)))


def drop_blank_lines(head: str) -> str:
    """Return the text from its first line that is not blank."""
    return BLANK_LINES.sub("", head, count=1)


def parse_rows(text: str, dialect: Dialect) -> list[list[str]]:
    """Parse a short text leniently, skipping blank lines."""
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
    )
    return [row for row in rows if row]


def unwrap_header(header: list[str], dialect: Dialect) -> list[str]:
    """Split a header that was written as one quoted cell."""
    if len(header) == 1 and dialect.delimiter in header[0]:
        return parse_rows(header[0], dialect)[0]
    return header


def _guess_delimiter(head: str, dialect: Dialect, usual: str | None) -> str:
    candidates = (usual, *_DELIMITERS) if usual else _DELIMITERS
    return max(dict.fromkeys(candidates), key=lambda sign: _rate_fit(head, replace(dialect, delimiter=sign)))


def _rate_fit(head: str, dialect: Dialect) -> tuple[bool, bool, float, int]:
    """Rate how well a delimiter fits: it splits header and rows alike, or the header, or most rows."""
    try:
        rows = parse_rows("\n".join(_split_lines(head)), dialect)
    except csv.Error:
        rows = []
    if not rows:
        return False, False, 0.0, 0
    width, rows_so_wide = Counter(map(len, rows[1:] or rows)).most_common(1)[0]
    header = len(unwrap_header(rows[0], dialect))
    return header == width > 1, header > 1, rows_so_wide / len(rows[1:] or rows), width


def _split_lines(head: str) -> list[str]:
    return head.split("\n", _SAMPLED_ROWS)[:_SAMPLED_ROWS]


def _guess_quote(head: str) -> str:
    if '"' in head or "'" not in head:
        return '"'
    wrapped = re.compile(r"(^|[,;\t|])'[^']*'([,;\t|\r]|$)")
    lines = [line for line in _split_lines(head) if "'" in line]
    return "'" if sum(bool(wrapped.search(line)) for line in lines) * 2 > len(lines) else '"'


def _check_character(setting: str, value: str) -> str:
    sign = _NAMED.get(value, value)
    allowed_length = {1} if setting == "delimiter" else {0, 1}
    if len(sign) not in allowed_length or not sign.isascii() or sign in ("\n", "\r"):
        raise SettingsError(
            f"{value!r} cannot be a {setting}",
            where=f"csv.{setting}",
            do="write one character, `tab`, `none` (not for a delimiter), or `auto`",
        )
    return sign
