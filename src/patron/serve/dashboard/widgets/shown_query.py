"""The query behind a figure as it is shown: with its parameters' values, so that `patron query` runs it as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

_PLACE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*)|\?""")
"""A text, a quoted name or a remark, in which a question mark is itself; or the place of a parameter."""


def write_query(sql: str, parameters: Sequence[Any] = ()) -> str:
    """Write a query with each parameter's value in its place."""
    values = iter(parameters)
    filled = _PLACE.sub(lambda found: found[1] or _write_value(next(values)), sql.strip())
    return "\n".join(line.rstrip() for line in filled.splitlines())


def _write_value(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dt.datetime():
            return f"timestamp '{value.isoformat(sep=' ')}'"
        case dt.date():
            return f"date '{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case list() | tuple():
            return f"[{', '.join(map(_write_value, value))}]"
    return str(value)
