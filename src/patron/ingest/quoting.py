"""Names and texts in SQL."""

from __future__ import annotations


def quote_literal(text: str) -> str:
    """Write a text in SQL; of PostgreSQL too, whose strings know no backslash since its version 9.1."""
    return "'" + text.replace("'", "''") + "'"


def quote_identifier(name: str) -> str:
    """Write the name of a table or column in SQL."""
    return '"' + name.replace('"', '""') + '"'
