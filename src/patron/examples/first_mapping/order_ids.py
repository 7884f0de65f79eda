"""Which column, or which columns together, tell the orders of a table apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.examples.first_mapping.mapped import quote
from patron.examples.first_mapping.tables import Table, can_mean
from patron.examples.first_mapping.words import score, split_words
from patron.ingest.profile.values import Values

_ENOUGH = 0.98
"""The share of a column's values that must have one day and one customer each, to be ids of orders."""

_ENOUGH_OF_SEVERAL = 0.9
"""The same for a number with its day and store, of which a till may give one to two people at a table."""

_BARE_IDS = ("id", "no", "number", "nr", "ref", "code")
_MEASURES = ("quantity", "unit_price", "line_total", "order_total", "discount", "tax", "shipping", "cost", "phone")


@dataclass(frozen=True)
class OrderIds:
    """The ids of a table's orders. columns: one, or several that make an id together. codes: the order of each row."""

    columns: tuple[str, ...]
    codes: NDArray[np.int64]

    @property
    def expression(self) -> str:
        """Return the SQL expression of an id of several columns."""
        first, *others = self.columns
        return " || '/' || ".join([quote(first), *(f"coalesce({quote(name)}, '')" for name in others)])


def find_order_ids(table: Table, day: str | None, customer: str | None, store: str | None) -> OrderIds | None:
    """Find the ids of orders: a column that says so and has one day and one customer for each value; else one that
    has though its header does not say so; else day and customer together. None where nothing will do.
    """
    named = [name for name in table.list_fitting("order_id") if name not in (day, customer, store)]
    if not named and (bare := _find_bare_id(table, day, customer)) is not None:
        named = [bare]
    facts = [table.columns[name] for name in (day, customer) if name is not None]
    for name in named:
        codes = table.columns[name].codes
        if _determines(codes, facts):
            return OrderIds((name,), codes)
    for enough in (_ENOUGH, _ENOUGH_OF_SEVERAL):
        for parts in _list_restarting(named, day, store):
            codes = combine([table.columns[name] for name in parts])
            if _determines(codes, facts, enough):
                return OrderIds(parts, codes)
    if named and day is None and customer is None:
        return OrderIds((named[0],), table.columns[named[0]].codes)
    if named or day is None or customer is None:
        return None
    unnamed = _find_unnamed(table, day, customer)
    if unnamed is not None:
        return OrderIds((unnamed,), table.columns[unnamed].codes)
    parts = (day, customer) if store is None else (day, customer, store)
    return OrderIds(parts, combine([table.columns[name] for name in parts]))


def _find_bare_id(table: Table, day: str | None, customer: str | None) -> str | None:
    """Find an `id` of orders: of lines, where a customer has several on a day, it may be the line's own."""
    bare = next((name for name in table.columns if split_words(name) in _BARE_IDS and name != customer), None)
    if bare is None or day is None or customer is None or not can_mean(table.columns[bare], "order_id"):
        return bare if day is not None else None
    visits = len(np.unique(combine([table.columns[day], table.columns[customer]])))
    is_line = table.columns[bare].is_nearly_unique and table.find("product_id") is not None
    return None if is_line and visits < _ENOUGH * len(table.columns[bare]) else bare


def _list_restarting(named: list[str], day: str | None, store: str | None) -> list[tuple[str, ...]]:
    """Numbers that start again every day, or in every store every day."""
    tried = [parts for name in named for parts in ((day, name), (store, name), (day, store, name))]
    return [tuple(name for name in parts if name) for parts in tried if all(parts)]


def combine(columns: list[Values]) -> NDArray[np.int64]:
    """Number the distinct combinations of some columns' values, by row; a blank is a value like another."""
    codes = columns[0].codes + 1
    for values in columns[1:]:
        _, codes = np.unique(codes * (len(values.texts) + 2) + values.codes + 1, return_inverse=True)
    return codes.astype(np.int64)


def _determines(codes: NDArray[np.int64], facts: list[Values], enough: float = _ENOUGH) -> bool:
    """Whether each value stands with one day and one customer; blanks of these agree with anything."""
    ids = len(np.unique(codes[codes >= 0]))
    if ids < 2 and len(codes) > 2:
        return False
    return all(_count_contradicted(codes, _get_fact(values)) <= (1 - enough) * ids for values in facts)


def _get_fact(values: Values) -> NDArray[np.int64]:
    """The day of a time, whatever its hour; another value as it is."""
    if values.times is None or values.times.is_ambiguous:
        return values.codes
    return np.nan_to_num(values.days, nan=-1).astype(np.int64)


def _count_contradicted(codes: NDArray[np.int64], fact: NDArray[np.int64]) -> int:
    """Count the ids that stand with two different facts."""
    known = (codes >= 0) & (fact >= 0)
    pairs = np.unique(np.column_stack([codes[known], fact[known]]), axis=0)
    _, each = np.unique(pairs[:, 0], return_counts=True)
    return int((each > 1).sum())


def _find_unnamed(table: Table, day: str, customer: str) -> str | None:
    """The column that has one day and one customer for each value, repeats, and knows at least all purchases."""
    purchases = len(np.unique(combine([table.columns[day], table.columns[customer]])))
    for name, values in table.columns.items():
        if name in (day, customer) or values.is_unique or not can_mean(values, "order_id") or values.is_clock:
            continue
        if values.present < len(values) or any(score(name, meaning) for meaning in _MEASURES):
            continue
        ids = len(values.texts)
        facts = [table.columns[day], table.columns[customer]]
        if purchases * _ENOUGH <= ids < len(values) and _determines(values.codes, facts):
            return name
    return None
