r"""Split delimited text into complete rows and broken ones, with the reason.

A row is `width` values and a line end. A value is quoted (delimiters, line breaks and doubled quotes inside)
or plain (a quote further on in it is an ordinary character: `5" nail`). Nothing else is a row. Lines that are
empty, or all blanks where there are several columns, are not rows at all.

Broken text must not swallow what follows it. Where a row does not end where it should, its first line is
rejected and reading goes on with the next line. Only a row of the wrong width that spans several lines is
rejected as one, if its second line is no row of its own: no row, or with an odd quote, the closing one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from patron.ingest.files.csv_dialect import Dialect

LONGEST_ROW_BYTES = 64 * 2**20
TOO_LONG = "longer than 64 MB"
ZERO_BYTE = "a zero byte stands inside the row"
_ZERO = b"\0"


@dataclass(frozen=True)
class BrokenRow:
    """A rejected row. line: number of lines before it in the block."""

    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Cut:
    """A block split into rows: the complete ones as text, and the broken ones.

    `used` bytes of the block are processed; the rest belongs before the next block.
    """

    rows: memoryview | bytes
    used: int
    broken: list[BrokenRow] = field(default_factory=list)


class Records:
    """The grammar of rows of one width in one dialect."""

    def __init__(self, dialect: Dialect, width: int) -> None:
        self.dialect, self.width = dialect, width
        delimiter, quote, escape = map(re.escape, (dialect.delimiter, dialect.quote, dialect.escape))
        pair = rf"|{escape}[\s\S]" if escape else ""
        plain = rf"(?:(?:[^{delimiter}{quote}{escape}\r\n]{pair})(?:[^{delimiter}{escape}\r\n]{pair})*+)?+"
        inside = rf"(?:[^{quote}{escape}]++|{quote}{quote}{pair})*+" if quote else ""
        value = rf"(?:{quote}{inside}{quote}|{plain})" if quote else plain
        before = rf"(?:{value}{delimiter})*+"
        row = rf"{value}(?:{delimiter}{value}){{{width - 1}}}\r?\n"
        unfinished = rf"(?:{quote}{inside}{quote}?|{plain})" if quote else plain
        self._value = _compile(value)
        self._row = _compile(row)
        self._rows = _compile(rf"(?:{row})++")
        self._row_of_any_width = _compile(rf"{before}{value}\r?\n")
        self._blank = _compile(r"\r?\n" if width == 1 else rf"(?!{delimiter})[ \t]*+\r?\n")
        self._unfinished = _compile(rf"{before}{unfinished}\r?" + (rf"{escape}?\Z" if escape else r"\Z"))
        never = r"(?!)"
        self._open = _compile(rf"{before}{quote}{inside}\Z" if quote else never)
        closed = rf"{quote}{inside}{quote}"
        self._after_quote = _compile(rf"{before}{closed}(?!{delimiter}|\r?\n)" if quote else never)

    def find_row_end(self, block: bytes, start: int) -> int:
        """Find the end of the row at `start`, of any width; the end of its first line if it is broken."""
        row = self._row_of_any_width.match(block, start)
        return row.end() if row else (block.find(b"\n", start) + 1) or len(block)

    def has_stray_return(self, line: bytes) -> bool:
        """Tell whether a line is no row, and carriage returns stand in it, which may end rows."""
        return not self._row_of_any_width.match(line) and b"\r" in line.rstrip(b"\r\n")

    def cut_quickly(self, block: bytes) -> Cut | None:
        """Cut complete rows by counting quotes only; None if that is not conclusive.

        The caller must still check that every row has the right width and is UTF-8.
        """
        if self.dialect.escape and self.dialect.escape.encode() in block:
            return None
        if _ZERO in block:
            return None
        if b"\r" in block and not _only_before_line_ends(block):
            return None
        if not self.dialect.quote or self.dialect.quote.encode() not in block:
            used = block.rfind(b"\n") + 1
            return Cut(memoryview(block)[:used], used) if used else _ask_for_more(block)
        return self._cut_quoted(block)

    def _cut_quoted(self, block: bytes) -> Cut | None:
        signs = np.frombuffer(block, np.uint8)
        quotes = np.flatnonzero(signs == ord(self.dialect.quote))
        used = _find_last_row_end(block, quotes)
        if not used:
            return _ask_for_more(block)
        quotes = quotes[quotes < used]
        if not self._are_well_placed(signs, quotes):
            return None
        return Cut(memoryview(block)[:used], used)

    def _are_well_placed(self, signs: np.ndarray, quotes: np.ndarray) -> bool:
        """Check that quotes alternately open and close values, or are doubled."""
        delimiter, quote = ord(self.dialect.delimiter), ord(self.dialect.quote)
        opening, closing = quotes[0::2], quotes[1::2]
        before = signs[np.maximum(opening - 1, 0)]
        starts = (opening == 0) | np.isin(before, (delimiter, ord("\n"), quote))
        ends = np.isin(signs[closing + 1], (delimiter, ord("\n"), ord("\r"), quote))
        return bool(starts.all() and ends.all())

    def cut_carefully(self, block: bytes, *, last: bool) -> Cut:
        """Check every row against the grammar. `last`: nothing follows, and the block must end with a line end."""
        complete: list[bytes] = []
        broken = _BrokenRows(block)
        at = 0
        while at < len(block):
            if rows := self._rows.match(block, at):
                complete += self._reject_no_text(block, at, rows.end(), broken)
                at = rows.end()
            elif blank := self._blank.match(block, at):
                at = blank.end()
            elif not last and self._needs_more(block, at):
                break
            else:
                end, reason = self._explain_broken(block, at)
                broken.add(at, end, reason)
                at = end
        return Cut(b"".join(complete), at, broken.rows)

    def _needs_more(self, block: bytes, at: int) -> bool:
        """Tell whether the row at `at`, or the line that shows its fault, continues after the block."""
        if self._goes_on(block, at):
            return True
        row = self._row_of_any_width.match(block, at)
        second_line = block.find(b"\n", at) + 1
        return row is not None and row.end() > second_line and self._goes_on(block, second_line)

    def _goes_on(self, block: bytes, at: int) -> bool:
        if len(block) - at > LONGEST_ROW_BYTES:
            return False
        return block.find(b"\n", at) < 0 or bool(self._unfinished.match(block, at))

    def _explain_broken(self, block: bytes, at: int) -> tuple[int, str]:
        """Return where the broken row at `at` ends, and what is wrong with it."""
        line_end = (block.find(b"\n", at) + 1) or len(block)
        if line_end - at > LONGEST_ROW_BYTES:
            return line_end, TOO_LONG
        row = self._row_of_any_width.match(block, at)
        if row is None:
            return line_end, self._explain_fault(block, at, line_end)
        reason = f"{self._count_values(block, at)} columns instead of {self.width}"
        if row.end() == line_end:
            return line_end, reason
        if self._is_row_of_its_own(block, line_end):
            return line_end, "a quote is opened and not closed"
        return row.end(), reason

    def _is_row_of_its_own(self, block: bytes, at: int) -> bool:
        row = self._row.match(block, at)
        return bool(row) and row[0].count(self.dialect.quote.encode()) % 2 == 0  # type: ignore[index]

    def _explain_fault(self, block: bytes, at: int, line_end: int) -> str:
        after_quote = self._after_quote.match(block, at)
        if (after_quote and after_quote.end() > line_end) or self._open.match(block, at):
            return "a quote is opened and not closed"
        return "text follows a closing quote" if after_quote else "a carriage return stands inside the row"

    def _count_values(self, block: bytes, at: int) -> int:
        width = 1
        while (value := self._value.match(block, at)) and block[value.end()] == ord(self.dialect.delimiter):
            width, at = width + 1, value.end() + 1
        return width

    def _reject_no_text(self, block: bytes, at: int, end: int, broken: _BrokenRows) -> list[bytes]:
        """Return the rows from `at` to `end` that are valid UTF-8 without zero bytes, and reject the others."""
        if _find_no_text(block[at:end]) is None:
            return [block[at:end]]
        complete = []
        while at < end:
            row = cast("re.Match[bytes]", self._row.match(block, at))
            reason = _find_no_text(row[0])
            if reason is None:
                complete.append(row[0])
            else:
                broken.add(at, row.end(), reason)
            at = row.end()
        return complete


class _BrokenRows:
    """Broken rows in order, with their line numbers."""

    def __init__(self, block: bytes) -> None:
        self.rows: list[BrokenRow] = []
        self._block, self._counted, self._line = block, 0, 0

    def add(self, start: int, end: int, reason: str) -> None:
        self._line += self._block.count(b"\n", self._counted, start)
        self._counted = start
        self.rows.append(BrokenRow(self._line, reason, self._block[start:end].rstrip(b"\r\n")))


def _compile(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


def _ask_for_more(block: bytes) -> Cut | None:
    """Return an empty cut so that more is read, or None if the block exceeds the longest row."""
    return Cut(b"", 0) if len(block) <= LONGEST_ROW_BYTES else None


def _only_before_line_ends(block: bytes) -> bool:
    signs = np.frombuffer(block, np.uint8)
    returns = np.flatnonzero(signs == ord("\r"))
    return int(returns[-1]) + 1 < len(signs) and bool((signs[returns + 1] == ord("\n")).all())


def count_lines(block: bytes, end: int) -> int:
    """Count line ends before `end`; five times as fast as bytes.count."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8, count=end) == ord("\n"))) if end else 0


def _find_last_row_end(block: bytes, quotes: np.ndarray) -> int:
    """Find the position after the last line end that has an even number of quotes before it."""
    end = len(block)
    while (end := block.rfind(b"\n", 0, end)) >= 0:
        before = int(np.searchsorted(quotes, end))
        if before % 2 == 0:
            break
        end = int(quotes[before - 1])
    return end + 1


def _find_no_text(row: bytes) -> str | None:
    """Say why bytes are no text."""
    if _ZERO in row:
        return ZERO_BYTE
    try:
        row.decode()
    except UnicodeDecodeError:
        return "not valid UTF-8"
    return None
