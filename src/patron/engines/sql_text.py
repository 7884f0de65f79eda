"""Writes expression trees as SQL in the dialect of an engine."""

from __future__ import annotations

import itertools

import sqlglot
from sqlglot import exp

from patron.engines.dialects import find_dialect
from patron.project.mapping.raise_rules import TRY_STRPTIME
from patron.project.mapping.safe_expressions import replace_bottom_up


def _is_try_strptime(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.this == TRY_STRPTIME


def to_sql(tree: exp.Expression, dialect: str) -> str:
    """Write the expression in the dialect of one engine."""
    if not any(isinstance(node, exp.Try) or _is_try_strptime(node) for node in tree.walk()):
        return str(tree.sql(dialect=dialect))  # most are, and copies of trees are what rendering spends its time on
    times: dict[str, str] = {}
    mark = _find_unused_mark(tree)
    spell_try = _protect if find_dialect(dialect).is_written_in else _remove_try
    tree = replace_bottom_up(tree.copy(), lambda node: spell_try(node) if isinstance(node, exp.Try) else node)

    def hold_token(node: exp.Expression) -> exp.Expression:
        if not _is_try_strptime(node):
            return node
        operand, fmt = node.expressions
        token = f"{mark}{len(times)}__"
        times[token] = find_dialect(dialect).try_parse_time.format(
            this=to_sql(operand, dialect), format=_format(fmt, dialect)
        )
        return exp.Var(this=token)

    sql = tree.copy().transform(hold_token).sql(dialect=dialect)
    for token, spelled in times.items():
        sql = sql.replace(token, spelled)
    return str(sql)


def _find_unused_mark(tree: exp.Expression) -> str:
    """Find a word for what is spelled later that no text of a person holds."""
    texts = [str(node.this) for node in tree.find_all(exp.Literal, exp.Identifier)]
    marks = (f"__try_strptime_{number}_" for number in itertools.count())
    return next(mark for mark in marks if not any(mark in text for text in texts))


def _remove_try(node: exp.Expression) -> exp.Expression:
    """Remove TRY, which only DuckDB has, and keep its argument."""
    return exp.paren(node.this)


def _protect(node: exp.Expression) -> exp.Expression:
    """Protect an expression in TRY from DuckDB's optimizer, which hoists repeated ones out of it (1.5.5).

    It does not touch a CASE, so the expression goes into both of its branches.
    """
    column = node.find(exp.Column)
    if column is None:
        return node
    is_null = exp.Is(this=column.copy(), expression=exp.null())
    either = exp.Case(ifs=[exp.If(this=is_null, true=node.this.copy())], default=node.this.copy())
    return exp.Try(this=either)


def _format(fmt: exp.Expression, dialect: str) -> str:
    """Convert a strptime format to the engine's notation (Spark: yyyy-MM-dd)."""
    if find_dialect(dialect).is_written_in:
        return str(fmt.sql(dialect=dialect))
    parsed = exp.StrToTime(this=exp.column("x"), format=fmt.copy())
    return str(sqlglot.Dialect.get_or_raise(dialect).generator().format_time(parsed))


def quote_name(name: str, dialect: str) -> str:
    """Quote a column name as one engine does."""
    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))
