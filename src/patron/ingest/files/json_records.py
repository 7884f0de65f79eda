"""Cuts the records out of JSON documents of any size, block by block, without parsing them.

A document is followed only as far as the list of its records; what a record holds is nobody's concern here.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_MARKS = np.zeros(256, bool)
_MARKS[list(b'"{}[],:')] = True
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"{[")], _STEPS[list(b"}]")] = 1, -1
_QUOTE, _OPENING, _CLOSING, _COLON = 34, b"{[", b"}]", 58
_LIST, _OBJECT = 91, 123

Record = tuple[int, bytes]
"""The line on which a record begins, and its text."""


class BrokenDocumentError(Exception):
    """The text is no JSON document. line: where the last thing that could be read began."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what, self.line = what, line


@dataclass
class Marks:
    """The brackets, commas and colons of a block that stand outside of strings.

    places: where. signs: which. levels: in how many brackets each stands; a bracket stands outside of itself.
    """

    places: np.ndarray
    signs: np.ndarray
    levels: np.ndarray
    _by_level: dict[int, list[int]] = field(default_factory=dict)

    def at(self, number: int) -> tuple[int, int, int]:
        """Return place, sign and level of a mark."""
        return int(self.places[number]), int(self.signs[number]), int(self.levels[number])

    def find_next(self, number: int, level: int) -> int:
        """Return the first mark from `number` on that stands in at most `level` brackets; their count if none does."""
        if level not in self._by_level:
            self._by_level[level] = np.flatnonzero(self.levels <= level).tolist()
        outer = self._by_level[level]
        place = bisect_left(outer, number)
        return outer[place] if place < len(outer) else len(self.places)


class MarkReader:
    """Finds the marks of a text that comes in blocks."""

    def __init__(self) -> None:
        self.depth, self.is_in_string, self._held = 0, False, b""

    def read(self, block: bytes) -> tuple[bytes, Marks]:
        """Return the block, from which an escape that goes on in the next one is held back, and its marks."""
        block, self._held = self._held + block, b""
        masked = block
        if b"\\" in block:
            masked = _ESCAPED.sub(b"  ", block)
            if masked.endswith(b"\\"):
                self._held, block, masked = b"\\", block[:-1], masked[:-1]
        signs = np.frombuffer(masked, np.uint8)
        places = np.flatnonzero(_MARKS[signs])
        signs = signs[places]
        quotes = signs == _QUOTE
        in_string = np.bitwise_xor.accumulate(quotes ^ _starts_with(quotes, self.is_in_string))
        self.is_in_string = bool(in_string[-1]) if len(in_string) else self.is_in_string
        outside = np.flatnonzero(~(quotes | in_string))
        places, signs = places[outside], signs[outside]
        steps = _STEPS[signs]
        depths = self.depth + np.cumsum(steps, dtype=np.int32)
        self.depth = int(depths[-1]) if len(depths) else self.depth
        return block, Marks(places, signs, depths - (steps > 0))


def _starts_with(values: np.ndarray, first: bool) -> np.ndarray:
    """An array of falses but for its first value."""
    start = np.zeros(len(values), bool)
    start[:1] = first
    return start


@dataclass
class _Container:
    """An opened list or object on the way to the records. matched: how many keys of the path lead to it."""

    sign: int
    matched: int
    holds_records: bool = False


class RecordCutter:
    """Cuts out the records at a path of keys.

    The records are the elements of the list at the path, or the object at the path itself; with an empty path, those
    of the document. Lists on the way are gone through. has_found: whether any document had the path.
    """

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path, self.has_found = path, not path
        self._marks = MarkReader()
        self._stack: list[_Container] = []
        self._matched: int | None = 0  # of the value that comes next; None if it is not on the way
        self._parts: list[bytes] = []  # of the text being captured, from earlier blocks
        self._start: int | None = 0  # of the text being captured, in this block
        self._is_record = False  # whether an object that is itself a record is open
        self._line = self._start_line = 1

    def cut(self, blocks: Iterable[bytes]) -> Iterator[list[Record]]:
        """Yield the records of each block. Raises BrokenDocumentError."""
        for block in blocks:
            yield self._cut_block(*self._marks.read(block))
        line, rest = self._line, b""
        if self._start is not None:
            line, rest = self._start_line, self._take_text(b"", 0)
            line += rest.count(b"\n", 0, len(rest) - len(rest.lstrip()))
        if self._marks.depth or self._marks.is_in_string or self._stack:
            raise BrokenDocumentError("the JSON ends inside a record, or lacks a bracket or quote", line)
        if rest.strip():
            raise BrokenDocumentError("something that is not JSON follows the document", line)

    def _cut_block(self, block: bytes, marks: Marks) -> list[Record]:
        records: list[Record] = []
        counted, number, end = 0, marks.find_next(0, len(self._stack)), len(marks.places)
        while number < end:
            place, sign, level = marks.at(number)
            self._line += block.count(b"\n", counted, place)
            counted = place
            self._follow(block, place, sign, level, records)
            number = marks.find_next(number + 1, len(self._stack))
        self._line += block.count(b"\n", counted)
        if self._start is not None:
            self._parts.append(block[self._start :])
            self._start = 0
        return records

    def _follow(self, block: bytes, place: int, sign: int, level: int, records: list[Record]) -> None:
        if sign in _OPENING:
            self._open(block, place, sign)
        elif sign in _CLOSING:
            self._close(block, place, sign, level, records)
        elif not self._stack:
            if not self._is_record and sign == _COLON:
                raise BrokenDocumentError("the file is not valid JSON", self._line)
        elif sign == _COLON:
            self._read_key(self._take_text(block, place))
        elif self._stack[-1].holds_records:
            self._emit(block, place, records)
            self._capture(place + 1)
        elif self._stack[-1].sign == _OBJECT:
            self._matched = None
            self._capture(place + 1)

    def _open(self, block: bytes, place: int, sign: int) -> None:
        if not self._stack and self._take_text(block, place).strip(b" \t\r\n\f,"):
            raise BrokenDocumentError("the file is not valid JSON", self._line)
        if self._stack and self._stack[-1].holds_records:
            return
        if self._matched is None:
            return
        if self._matched == len(self.path) and sign == _OBJECT:
            self._is_record = True
            self._capture(place)
            return
        self._stack.append(_Container(sign, self._matched, holds_records=self._matched == len(self.path)))
        if sign == _OBJECT or self._stack[-1].holds_records:
            self._matched = None if sign == _OBJECT else self._matched
            self._capture(place + 1)

    def _close(self, block: bytes, place: int, sign: int, level: int, records: list[Record]) -> None:
        if level == len(self._stack):  # of a value that was not gone into
            if self._is_record:
                self._is_record = False
                self._emit(block, place + 1, records)
            if not self._stack:
                self._end_document(place)
            return
        if level < 0 or not self._stack or (self._stack[-1].sign, sign) not in {(_OBJECT, 125), (_LIST, 93)}:
            raise BrokenDocumentError("a bracket closes that was not opened", self._line)
        closed = self._stack.pop()
        if closed.holds_records:
            self._emit(block, place, records)
        self._take_text(block, place)
        if self._stack:
            self._matched = self._stack[-1].matched if self._stack[-1].sign == _LIST else None
        else:
            self._end_document(place)

    def _end_document(self, place: int) -> None:
        self._matched = 0
        self._capture(place + 1)

    def _read_key(self, text: bytes) -> None:
        if self._stack[-1].sign == _LIST:
            raise BrokenDocumentError("the file is not valid JSON", self._line)
        matched = self._stack[-1].matched
        try:
            is_next = json.loads(text) == self.path[matched]
        except ValueError:
            raise BrokenDocumentError("the file is not valid JSON", self._line) from None
        self._matched = matched + 1 if is_next else None
        self.has_found |= self._matched == len(self.path)

    def _emit(self, block: bytes, place: int, records: list[Record]) -> None:
        """Add the captured text as a record, unless a list ends before it begins."""
        line, text = self._start_line, self._take_text(block, place)
        blank = len(text) - len(text.lstrip())
        if text.strip():
            records.append((line + text.count(b"\n", 0, blank), text.strip()))

    def _capture(self, place: int) -> None:
        self._parts, self._start, self._start_line = [], place, self._line

    def _take_text(self, block: bytes, place: int) -> bytes:
        if self._start is None:
            return b""
        text = b"".join([*self._parts, block[self._start : place]])
        self._parts, self._start = [], None
        return text


@dataclass
class Outline:
    """The outermost keys of a document that is one object, and those of its lists of objects.

    keys: of the document. lists: name of each list of objects -> the keys of its first object. empty: the lists of
    nothing. is_alone: whether the file holds nothing else.
    """

    keys: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    is_alone: bool = True


def outline(blocks: Iterable[bytes]) -> Outline:
    """Read the outline of the first document. What is not valid JSON is left for those who read the records."""
    reader = _OutlineReader()
    for block in blocks:
        if reader.is_done:
            reader.found.is_alone &= not block.strip()
            if not reader.found.is_alone:
                break
        else:
            reader.read(*reader.marks.read(block))
    return reader.found


class _OutlineReader:
    def __init__(self) -> None:
        self.found, self.marks, self.is_done = Outline(), MarkReader(), False
        self._key: str | None = None
        self._list: str | None = None  # a list of which nothing was seen yet
        self._parts: list[bytes] = []
        self._start: int | None = None
        self._end = 0  # of the document, in its last block

    def read(self, block: bytes, marks: Marks) -> None:
        number, end = marks.find_next(0, 2), len(marks.places)
        while number < end and not self.is_done:
            self._follow(block, *marks.at(number))
            number = marks.find_next(number + 1, 2)
        if self.is_done:
            self.found.is_alone = not block[self._end :].strip()
        elif self._start is not None:
            self._parts.append(block[self._start :])
            self._start = 0

    def _follow(self, block: bytes, place: int, sign: int, level: int) -> None:
        if level == 0:
            self.is_done, self._end = sign in _CLOSING, place + 1
            self._capture(place + 1)
        elif level == 1 and sign == _COLON:
            self._key = _load_key(self._take(block, place))
            self.found.keys += [] if self._key is None else [self._key]
        elif level == 1 and sign not in b"[{}]":
            self._list = None
            self._capture(place + 1)
        elif level == 1 and sign == _LIST:
            self._list = self._key
            self._capture(place + 1)
        elif level == 1:
            if self._list is not None and self._start is not None and not self._take(block, place).strip():
                self.found.empty.append(self._list)
            self._list = None
        elif sign in _OPENING and self._list is not None:
            self._take(block, place)
            if sign == _OBJECT:
                self.found.lists[self._list] = []
                self._capture(place)
        elif sign in _CLOSING and self._list in self.found.lists and self._start is not None:
            self.found.lists[str(self._list)] = _load_keys(self._take(block, place + 1))
            self._list = None

    def _capture(self, place: int) -> None:
        self._parts, self._start = [], place

    def _take(self, block: bytes, place: int) -> bytes:
        text = b"".join([*self._parts, block[self._start or 0 : place]])
        self._parts, self._start = [], None
        return text


def _load_key(text: bytes) -> str | None:
    try:
        return str(json.loads(text))
    except ValueError:
        return None


def _load_keys(text: bytes) -> list[str]:
    try:
        return list(json.loads(text))
    except (ValueError, RecursionError):
        return []
