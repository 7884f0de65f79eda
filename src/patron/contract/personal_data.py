"""Which columns tell who a person is, and how they are shown to those who may not know."""

from __future__ import annotations

from functools import cache

MASK = "•••"

_OF_GOLD = ("courier_name", "review_text")
"""Gold's own: a courier is one of the staff, and a review may say anything about anybody."""


@cache
def personal_columns() -> frozenset[str]:
    """Columns that name or reach a person: those that the contract marks `pii`, under each name that gold gives them.

    Ids stay: they are the shop's own, and say nothing to whoever does not know the shop's files.
    """
    from patron.contract.entities import entities

    marked = {column.name for entity in entities().values() for column in entity.columns.values() if column.pii}
    return frozenset(marked.union(_OF_GOLD))


def masked(value: object) -> str | None:
    """What stands for a value: nothing for nothing, else MASK."""
    return None if value is None else MASK
