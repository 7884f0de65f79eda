"""Personal data: which columns identify a person, and the mask that readers without permission see."""

from __future__ import annotations

from functools import cache

MASK = "•••"

_OF_GOLD = ("courier_name", "review_text", "email_domain")
"""Personal columns that only gold has: a courier is an employee, a review may say anything about anybody, and a family
may have an email domain of its own.
"""


@cache
def list_personal_columns() -> frozenset[str]:
    """List the columns that identify or reach a person: those that the contract marks `pii`, and gold's own.

    Ids are not among them: outside the shop they identify no one.
    """
    from patron.contract.entities import load_entities

    marked = {column.name for entity in load_entities().values() for column in entity.columns.values() if column.pii}
    return frozenset(marked.union(_OF_GOLD))
