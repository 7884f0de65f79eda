r"""Which bytes of a delimited text are whole rows, and which are broken and why.

A row is `width` values and a line end. A value is quoted (delimiters, line breaks and doubled quotes inside)
or plain (a quote further on in it is an ordinary sign: `5" nail`). Nothing else is a row. Lines that are
empty, or all blanks where there are several columns, are not rows at all.

Broken text must not swallow what follows it. Where a row does not end where it should, its first line is
rejected and reading goes on with the next line; only when that line is no row either (so it is a
continuation) a many-line row of the wrong width is rejected as one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from patron.ingest.csv_dialect import Dialect

LONGEST_ROW_BYTES = 8 * 2**20


@dataclass(frozen=True)
class BrokenRow:
    """line: lines before it in the block."""

    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Cut:
    """A block taken apart. `used` bytes of it are done with; the rest belongs before the next block."""

    whole: memoryview | bytes
    used: int
    broken: list[BrokenRow] = field(default_factory=list)


class Records:
    """The grammar of rows of one width in one dialect."""

    def __init__(self, dialect: Dialect, width: int) -> None:
        self.dialect, self.width = dialect, width
        delimiter, quote, escape = (
            re.escape(sign).encode() for sign in (dialect.delimiter, dialect.quote, dialect.escape)
        )
        signs = delimiter + escape
        escaped = rb"|" + escape + rb"[\s\S]" if escape else b""
        plain = rb"(?:(?:[^" + signs + quote + rb"\r\n]" + escaped + rb")(?:[^" + signs + rb"\r\n]" + escaped + rb")*+)?+"
        inside = rb"(?:[^" + quote + escape + rb"]++|" + quote * 2 + escaped + rb")*+"
        quoted = quote + inside + quote
        value = rb"(?:" + quoted + rb"|" + plain + rb")" if quote else plain
        before = rb"(?:" + value + delimiter + rb")*+"
        end = rb"\r?\n"
        row = value + (rb"(?:" + delimiter + value + rb"){%d}" % (width - 1)) + end
        blank = rb"\r?\n" if width == 1 else rb"(?!" + delimiter + rb")[ \t]*+\r?\n"
        self._value = re.compile(value)
        self._row = re.compile(row)
        self._rows = re.compile(rb"(?:" + row + rb")++")
        self._row_of_any_width = re.compile(before + value + end)
        self._blank = re.compile(blank)
        self._open = re.compile(before + quote + inside + rb"\Z") if quote else None
        begun = (rb"(?:" + quote + inside + quote + rb"?|" + plain + rb")") if quote else plain
        self._unfinished = re.compile(before + begun + rb"\r?" + (escape + rb"?" if escape else b"") + rb"\Z")
        self._after_quote = re.compile(before + quoted + rb"(?!" + delimiter + rb"|\r?\n)") if quote else None

    def first_row_end(self, block: bytes, start: int) -> int:
        """Where the row at `start` ends, of whatever width; its first line's end if it is broken."""
        row = self._row_of_any_width.match(block, start)
        return row.end() if row else (block.find(b"\n", start) + 1) or len(block)

    def quick(self, block: bytes) -> Cut | None:
        """Whole rows by counting quotes only, or None where that is not enough to be sure.

        The caller still has to see that every row has the right width and is UTF-8.
        """
        if self.dialect.escape and self.dialect.escape.encode() in block:
            return None
        if block.count(b"\r") != block.count(b"\r\n"):
            return None
        if not self.dialect.quote or self.dialect.quote.encode() not in block:
            used = block.rfind(b"\n") + 1
            return Cut(memoryview(block)[:used], used) if used else _more_or_none(block)
        return self._quick_quoted(block)

    def _quick_quoted(self, block: bytes) -> Cut | None:
        signs = np.frombuffer(block, np.uint8)
        quotes = np.flatnonzero(signs == ord(self.dialect.quote))
        used = _last_row_end(block, quotes)
        if not used:
            return _more_or_none(block)
        quotes = quotes[quotes < used]
        if not self._well_placed(signs, quotes):
            return None
        return Cut(memoryview(block)[:used], used)

    def _well_placed(self, signs: np.ndarray, quotes: np.ndarray) -> bool:
        """Every first quote starts a value and every second ends one, or they are a doubled quote."""
        delimiter, quote = ord(self.dialect.delimiter), ord(self.dialect.quote)
        opening, closing = quotes[0::2], quotes[1::2]
        before = signs[np.maximum(opening - 1, 0)]
        starts = (opening == 0) | np.isin(before, (delimiter, ord("\n"), quote))
        ends = np.isin(signs[closing + 1], (delimiter, ord("\n"), ord("\r"), quote))
        return bool(starts.all() and ends.all())

    def careful(self, block: bytes, *, last: bool) -> Cut:
        """Every row judged by the grammar. `last`: nothing follows; then the block must end in a line end."""
        whole, broken, at = [], [], 0
        while at < len(block):
            if rows := self._rows.match(block, at):
                good, bad = self._split_by_utf8(block, at, rows.end())
                whole += good
                broken += bad
                at = rows.end()
            elif blank := self._blank.match(block, at):
                at = blank.end()
            elif not last and self._needs_more(block, at):
                break
            else:
                end, reason = self._broken(block, at)
                broken.append(_broken_row(block, at, end, reason))
                at = end
        return Cut(b"".join(whole), at, broken)

    def _needs_more(self, block: bytes, at: int) -> bool:
        """Whether the row at `at`, or the line that would tell what is wrong with it, goes on after the block."""
        if self._goes_on(block, at):
            return True
        row = self._row_of_any_width.match(block, at)
        second_line = block.find(b"\n", at) + 1
        return row is not None and row.end() > second_line and self._goes_on(block, second_line)

    def _goes_on(self, block: bytes, at: int) -> bool:
        if len(block) - at > LONGEST_ROW_BYTES:
            return False
        return block.find(b"\n", at) < 0 or bool(self._unfinished.match(block, at))

    def _broken(self, block: bytes, at: int) -> tuple[int, str]:
        """Where the broken row at `at` ends, and what is wrong with it."""
        line_end = (block.find(b"\n", at) + 1) or len(block)
        row = self._row_of_any_width.match(block, at)
        if row is None:
            return line_end, self._fault(block, at, line_end)
        reason = f"{self._width(block, at)} columns instead of {self.width}"
        if row.end() == line_end:
            return line_end, reason
        next_line_is_row = self._row.match(block, line_end)
        return (line_end, "a quote is opened and not closed") if next_line_is_row else (row.end(), reason)

    def _fault(self, block: bytes, at: int, line_end: int) -> str:
        after_quote = self._after_quote and self._after_quote.match(block, at)
        if (after_quote and after_quote.end() > line_end) or (self._open and self._open.match(block, at)):
            return "a quote is opened and not closed"
        return "text follows a closing quote" if after_quote else "a carriage return stands inside the row"

    def _width(self, block: bytes, at: int) -> int:
        width = 1
        while (value := self._value.match(block, at)) and block[value.end()] == ord(self.dialect.delimiter):
            width, at = width + 1, value.end() + 1
        return width

    def _split_by_utf8(self, block: bytes, start: int, end: int) -> tuple[list[bytes], list[BrokenRow]]:
        whole: list[bytes] = []
        broken: list[BrokenRow] = []
        while start < end:
            wrong = _first_not_utf8(block[start:end])
            if wrong is None:
                return [*whole, block[start:end]], broken
            first, last = self._row_around(block, start, start + wrong)
            whole.append(block[start:first])
            broken.append(_broken_row(block, first, last, "not valid UTF-8"))
            start = last
        return whole, broken

    def _row_around(self, block: bytes, start: int, place: int) -> tuple[int, int]:
        end = start
        while end <= place:
            start, end = end, cast("re.Match[bytes]", self._row.match(block, end)).end()
        return start, end


def _more_or_none(block: bytes) -> Cut | None:
    """No row ends here yet: ask for more, unless no row is that long."""
    return Cut(b"", 0) if len(block) <= LONGEST_ROW_BYTES else None


def _last_row_end(block: bytes, quotes: np.ndarray) -> int:
    """The place after the last line end with an even number of quotes before it."""
    end = len(block)
    while (end := block.rfind(b"\n", 0, end)) >= 0:
        before = int(np.searchsorted(quotes, end))
        if before % 2 == 0:
            break
        end = int(quotes[before - 1])
    return end + 1


def _first_not_utf8(text: bytes) -> int | None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _broken_row(block: bytes, start: int, end: int, reason: str) -> BrokenRow:
    return BrokenRow(block.count(b"\n", 0, start), reason, block[start:end].rstrip(b"\r\n"))
