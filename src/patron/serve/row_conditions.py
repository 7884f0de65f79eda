"""Conditions on rows that a reader writes: that they are one each, and which columns they hold to one value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from patron.errors import SettingsError

if TYPE_CHECKING:
    from sqlglot import exp


def parse_condition(where: str) -> exp.Expression | None:
    """Parse a condition. Raises SettingsError for what is none, or is more than one."""
    import sqlglot
    from sqlglot import exp

    if not where.strip():
        return None
    try:
        tree = sqlglot.parse_one(where, read="duckdb")
    except sqlglot.errors.SqlglotError:
        tree = None
    if not isinstance(tree, exp.Condition) or isinstance(tree, exp.Query):
        do = "write one, such as channel = 'online' and net_amount > 0"
        raise SettingsError(f"{where!r} is not one condition.", where="--where", do=do)
    return tree


def list_columns(condition: exp.Expression | None) -> set[str]:
    """Return the columns that a condition reads."""
    from sqlglot import exp

    return {column.name.lower() for column in condition.find_all(exp.Column)} if condition else set()


def list_held_columns(condition: exp.Expression | None) -> set[str]:
    """Return the columns that have one value in all rows for which the condition holds."""
    from sqlglot import exp

    return {
        side.name.lower()
        for part in _split(condition)
        if isinstance(part, exp.EQ)
        for side, other in ((part.this, part.expression), (part.expression, part.this))
        if isinstance(side, exp.Column) and isinstance(other, exp.Literal)
    }


def _split(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    """Yield the parts that hold together."""
    from sqlglot import exp

    if isinstance(condition, exp.And):
        yield from _split(condition.this)
        yield from _split(condition.expression)
    elif isinstance(condition, exp.Paren):
        yield from _split(condition.this)
    elif condition is not None:
        yield condition
