"""An expression tree as SQL text for one engine: the last step of every mapping, filter and rule.

Text that goes into a template is escaped here, whoever wrote it: a person's values and names are data, never Jinja.
"""

from __future__ import annotations

import re

from sqlglot import exp

from patron.engines.dialects import find_dialect
from patron.engines.sql_text import quote_name, to_sql

_WALL_CLOCK = exp.DataType.Type.TIMESTAMPNTZ


def write(tree: exp.Expression, dialect: str) -> str:
    """Write the tree in the SQL of one engine, so that it gives the same values as in DuckDB."""
    if not find_dialect(dialect).is_written_in:
        tree = tree.transform(_use_wall_clock)
    return to_sql(find_dialect(dialect).translate(tree), dialect)


def write_template(tree: exp.Expression, dialect: str) -> str:
    """Write the tree as `write` does, for a template."""
    return escape_jinja(write(tree, dialect))


def quote_in_template(name: str, dialect: str) -> str:
    """Quote a column's name as one engine does, for a template."""
    return escape_jinja(quote_name(name, dialect))


def _use_wall_clock(node: exp.Expression) -> exp.Expression:
    """DuckDB's plain timestamp knows no zone; elsewhere the plain word may mean an instant."""
    is_plain = isinstance(node, exp.DataType) and node.this == exp.DataType.Type.TIMESTAMP
    return exp.DataType(this=_WALL_CLOCK) if is_plain else node


def escape_jinja(sql: str) -> str:
    """Escape the marks of Jinja in a user's SQL, so that neither patron nor dbt takes it for a template.

    A brace at the end is escaped, too, since what follows may begin with another; and a carriage return, which Jinja
    would turn into a line break.
    """
    return _JINJA.sub(lambda mark: f"{{{{ {mark[0]!r} }}}}", sql)


_JINJA = re.compile(r"\{(?=[{%#]|\Z)|\r")
