"""An expression tree as SQL text for one engine: the last step of every mapping, filter and rule."""

from __future__ import annotations

import re

from sqlglot import exp

from patron.engines.dialects import find_dialect
from patron.engines.sql_text import to_sql

_WALL_CLOCK = exp.DataType.Type.TIMESTAMPNTZ


def write(tree: exp.Expression, dialect: str) -> str:
    """Write the tree in the SQL of one engine, so that it gives the same values as in DuckDB."""
    if not find_dialect(dialect).is_written_in:
        tree = tree.transform(_use_wall_clock)
    return to_sql(find_dialect(dialect).translate(tree), dialect)


def _use_wall_clock(node: exp.Expression) -> exp.Expression:
    """DuckDB's plain timestamp knows no zone; elsewhere the plain word may mean an instant."""
    is_plain = isinstance(node, exp.DataType) and node.this == exp.DataType.Type.TIMESTAMP
    return exp.DataType(this=_WALL_CLOCK) if is_plain else node


def escape_jinja(sql: str) -> str:
    """Escape the marks of Jinja in a user's SQL, so that dbt does not take it for a template."""
    return re.sub(r"\{[{%#]", lambda mark: f"{{{{ '{mark[0]}' }}}}", sql)
