"""Keys between tables, found by their values: what one column holds is contained in another's distinct values."""

from __future__ import annotations

from dataclasses import dataclass

from patron.examples.first_mapping.tables import Table
from patron.examples.first_mapping.words import score, split_words
from patron.ingest.profile.values import Values

_CONTAINED = 0.9
_CONTAINED_IN_SAMPLE = 0.25
_ID_MEANINGS = ("order_id", "customer_id", "product_id", "store_id", "staff_id", "line_number", "category")
_FEWEST_TELLING_VALUES = 20


@dataclass(frozen=True)
class Key:
    """A column whose values are found in a unique column of another table. contained: the share of them."""

    table: str
    column: str
    to_table: str
    to_column: str
    contained: float


def find_keys(tables: list[Table]) -> list[Key]:
    """Find the keys between tables, the most contained first."""
    found = [
        Key(table.name, name, other.name, unique, contained)
        for other in tables
        for unique, targets in other.columns.items()
        if _is_key(targets)
        for table in tables
        if table is not other
        for name, values in table.columns.items()
        if (contained := _find_containment(table, name, values, other, unique, targets)) > 0
    ]
    return sorted(found, key=lambda key: -key.contained)


def _is_key(values: Values) -> bool:
    is_measure = values.numbers is not None and values.numbers.decimals > 0
    return values.is_nearly_unique and not is_measure and values.times is None and not values.is_nested


def _find_containment(table: Table, name: str, values: Values, other: Table, unique: str, targets: Values) -> float:
    if not values.text_set or values.is_nested or not _can_mean_the_same(table, name, values, other, unique):
        return 0.0
    contained = len(values.text_set & targets.text_set) / len(values.text_set)
    least = _CONTAINED if other.is_whole else _CONTAINED_IN_SAMPLE
    return contained if contained >= least else 0.0


def _can_mean_the_same(table: Table, name: str, values: Values, other: Table, unique: str) -> bool:
    """Small numbers are contained everywhere, so that headers must agree; long texts speak for themselves."""
    own, theirs = split_words(name), split_words(unique)
    if own == theirs:
        return own not in ("id", "name", "index", "no", "number") or _names_table(own, table, other)
    if f"{_get_singular(other)} {theirs}" == own or own == _get_singular(other):
        return True
    meanings, others = _list_meanings(name), _list_meanings(unique)
    if meanings and others:
        return bool(meanings & others)
    is_telling = values.numbers is None and len(values.text_set) >= _FEWEST_TELLING_VALUES
    return is_telling and not (meanings - {"order_id"})


def _names_table(own: str, table: Table, other: Table) -> bool:
    return own == "name" and table.hint == other.hint


def _get_singular(table: Table) -> str:
    words = table.name.replace("_", " ").split()
    last = words[-1] if words else ""
    return {"categories": "category", "companies": "company"}.get(last, last.removesuffix("s"))


def _list_meanings(name: str) -> set[str]:
    return {meaning for meaning in _ID_MEANINGS if score(name, meaning) > 0.8}
