"""The values of one column: distinct texts with their counts, and what can be read from them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ingest.profile.numbers import NumberReading, read_numbers
from patron.ingest.profile.times import TimeReading, is_clock, read_times

NULL_WORDS = frozenset(
    "nan null none n/a na #n/a nil - -- \\n nat undefined unknown (null) (none) (blank) <na>".split()
)
"""Texts, in lower case, that commonly stand for a missing value."""

_NEARLY_ALL = 0.995


class Values:
    """The values of a column in the order of its rows.

    texts: distinct values, without outer blanks. codes: the position in `texts` of each row, -1 for a blank.
    counts: rows of each text. padded: rows whose text has outer blanks. type: the type in which it lands.
    """

    def __init__(self, name: str, column: pa.ChunkedArray) -> None:
        self.name, self.type = name, column.type
        self.is_nested = pa.types.is_nested(column.type)
        text = _to_text(column)
        trimmed = pc.utf8_trim_whitespace(text)
        self.padded = int(pc.sum(pc.not_equal(pc.utf8_length(text), pc.utf8_length(trimmed))).as_py() or 0)
        encoded = pc.dictionary_encode(trimmed).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
        texts: list[str] = encoded.dictionary.to_pylist()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        self.texts, self.codes = _drop_blank(texts, codes)
        self.counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.int64)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def present(self) -> int:
        """Rows with a value."""
        return int((self.codes >= 0).sum())

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return 0 < len(self) == self.present == len(self.texts)

    @property
    def is_nearly_unique(self) -> bool:
        """Whether at most single rows are blank or repeat a value, as in exports that went through a spreadsheet."""
        is_filled = 0 < _NEARLY_ALL * len(self) <= self.present
        return is_filled and len(self.texts) >= _NEARLY_ALL * self.present

    @cached_property
    def null_words(self) -> dict[str, int]:
        """Texts that stand for a missing value -> rows."""
        return {
            text: int(count)
            for text, count in zip(self.texts, self.counts, strict=True)
            if text.casefold() in NULL_WORDS
        }

    @cached_property
    def numbers(self) -> NumberReading | None:
        """How its numbers are written; None if it does not hold numbers."""
        if pa.types.is_boolean(self.type) or pa.types.is_temporal(self.type):
            return None
        return read_numbers(self.texts, self._counts_without_null_words)

    @cached_property
    def times(self) -> TimeReading | None:
        """How its times are written; None if it does not hold times."""
        return read_times(self.texts, self._counts_without_null_words)

    @cached_property
    def is_clock(self) -> bool:
        """Whether it holds times of day without a date."""
        return is_clock(self.texts)

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """Its numbers by row; NaN where there is none."""
        return self._by_row(self.numbers.values if self.numbers else np.full(len(self.texts), np.nan))

    @cached_property
    def days(self) -> NDArray[np.float64]:
        """Its days by row, as numbers; NaN where there is none."""
        return self._by_row(self.times.days if self.times else np.full(len(self.texts), np.nan))

    @cached_property
    def holds_truth(self) -> bool:
        """Whether it holds words for true and false."""
        words = {text.casefold() for text in self.texts}
        return bool(words) and words <= {"true", "false", "yes", "no", "y", "n", "t", "f", "ja", "nein", "oui", "non"}

    @cached_property
    def text_set(self) -> frozenset[str]:
        """Its distinct values, without the words for a missing one."""
        return frozenset(self.texts) - self.null_words.keys()

    @property
    def _counts_without_null_words(self) -> NDArray[np.int64]:
        if not self.null_words:
            return self.counts
        is_word = np.array([text.casefold() in NULL_WORDS for text in self.texts])
        return np.where(is_word, 0, self.counts)

    def _by_row(self, of_texts: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.append(of_texts, np.nan)[self.codes]


def _to_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(column.type):
        return column
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        plain: list[Any] = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(plain, pa.string())])


def _drop_blank(texts: list[str], codes: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    if "" not in texts:
        return texts, codes
    blank = texts.index("")
    moved = np.where(codes == blank, -1, np.where(codes > blank, codes - 1, codes))
    return texts[:blank] + texts[blank + 1 :], moved
