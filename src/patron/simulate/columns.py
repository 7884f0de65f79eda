"""Converts a shop's order lines from numbers to columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from patron.simulate.catalogue import Catalogue
from patron.simulate.lines import KINDS, NO_ORDER, Lines
from patron.simulate.orders import GUEST
from patron.simulate.streams import Ints

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec

_WORD = pa.dictionary(pa.int32(), pa.string())
_PRICE = pa.decimal128(12, 2)

LINE_SCHEMA = pa.schema(
    [
        ("order_id", pa.int64()),
        ("line_number", pa.int32()),
        ("ordered_at", pa.timestamp("s")),
        ("customer_id", pa.int64()),
        ("product_id", _WORD),
        ("product_name", _WORD),
        ("quantity", pa.int64()),
        ("unit_price", _PRICE),
        ("country", _WORD),
        ("kind", _WORD),
        ("returned_order_id", pa.int64()),
    ]
)
"""The last two are truth that real sources lack: the line's kind, and the order that a return takes back."""


class Columns:
    """Turns the lines of one shop into record batches; the words are kept once and shared by all batches."""

    def __init__(self, spec: ShopSpec, catalogue: Catalogue) -> None:
        self._start = np.datetime64(spec.start, "s")
        self._ids, self._names = pa.array(catalogue.ids), pa.array(catalogue.names)
        self._countries = pa.array([name for name, _ in spec.countries])
        self._kinds = pa.array(KINDS)

    def batch(self, lines: Lines) -> Any:
        """Return the lines as a pyarrow RecordBatch of LINE_SCHEMA."""
        columns: Sequence[Any] = [
            pa.array(lines.order_id),
            pa.array(lines.number_within_order().astype(np.int32)),
            pa.array(self._start + lines.at),
            _format_customer_ids(lines.customer),
            _encode_words(lines.article, self._ids),
            _encode_words(lines.article, self._names),
            pa.array(lines.quantity),
            _convert_prices(lines.price),
            _encode_words(lines.country, self._countries),
            _encode_words(lines.kind, self._kinds),
            pa.array(lines.returned_order_id, mask=lines.returned_order_id == NO_ORDER),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=LINE_SCHEMA)


def _format_customer_ids(customer: Ints) -> Any:
    """Format customer ids, which count from 1 in the order of arrival; guests have none."""
    return pa.array(customer + 1, mask=customer == GUEST)


def _encode_words(codes: Ints, words: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)


def _convert_prices(pence: Ints) -> Any:
    """Convert pence to decimals with two places, which are 128-bit integers of pence, so without arithmetic."""
    wide = np.zeros((len(pence), 2), dtype=np.int64)
    wide[:, 0] = pence
    return pa.Array.from_buffers(_PRICE, len(pence), [None, pa.py_buffer(wide)])


def pence(prices: Any) -> Ints:
    """Convert a column of prices from decimals back to pence."""
    wide = np.frombuffer(prices.buffers()[1], dtype=np.int64).reshape(-1, 2)
    return wide[prices.offset : prices.offset + len(prices), 0]
