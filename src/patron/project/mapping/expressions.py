"""Parses the expressions of patron.yaml and rule files, checks that each is a safe scalar, and binds it to columns.

They are written in DuckDB's dialect. Once parsed, an expression is a sqlglot tree with its place, never text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from patron.errors import SettingsError, did_you_mean
from patron.ingest.column_names import join_nested, split_nested

READ_DIALECT = "duckdb"

FILE_COLUMN = "_source_file"
"""The file that a row came from, which an expression may read like a column of the file."""

_NOT_SCALAR: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.Subquery, "a subquery"),
    (exp.Select, "a subquery"),
    (exp.Exists, "a subquery"),
    (exp.Window, "a window function"),
    (exp.AggFunc, "an aggregate"),
    (exp.Values, "a list of rows"),
    (exp.Explode, "rows made of a list"),
    (exp.Star, "a star"),
    (exp.Columns, "a star"),
    (exp.PositionalColumn, "a column by its place"),
    (exp.Parameter, "a parameter"),
    (exp.Placeholder, "a parameter"),
)
_NOT_REPEATABLE = (
    exp.CurrentTimestamp,
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentDatetime,
    exp.Localtime,
    exp.Localtimestamp,
    exp.Rand,
    exp.Randn,
    exp.Uuid,
    exp.CurrentCatalog,
    exp.CurrentDatabase,
    exp.CurrentSchema,
    exp.CurrentSchemas,
    exp.CurrentUser,
    exp.CurrentVersion,
    exp.SessionUser,
)
_NOT_REPEATABLE_NAMES = frozenset(
    "now today random uuid uuidv4 uuidv7 gen_random_uuid setseed get_current_timestamp get_current_time "
    "transaction_timestamp current_localtimestamp current_query current_query_id current_connection_id "
    "current_transaction_id txid_current current_schema current_setting in_search_path getenv getvariable nextval "
    "currval sleep_ms stats write_log error".split()
)
"""DuckDB's functions that are not a function of their arguments alone (duckdb_functions() calls them volatile)."""


@dataclass(frozen=True)
class Expression:
    """A scalar expression. text: as written. where: file, line and key, for errors. tree: never changed in place."""

    text: str
    where: str
    tree: exp.Expression

    @classmethod
    def parse(cls, text: str, where: str, lookups: Collection[str] = (), *, has_nested: bool = False) -> Expression:
        """Parse one scalar expression in DuckDB's dialect. Raises SettingsError as `parse` does."""
        return cls(text, where, parse(text, where, lookups, has_nested=has_nested))

    @classmethod
    def of_column(cls, name: str, where: str) -> Expression:
        """Return the expression that is a single column."""
        return cls(name, where, named_column(name))

    @cached_property
    def columns(self) -> list[str]:
        """Return the distinct columns that the expression reads, in order of appearance."""
        return columns_of(self.tree)

    def bind(
        self, columns: Mapping[str, str], *, quoted: bool = True, lacking: exp.Expression | None = None
    ) -> exp.Expression:
        """Bind a copy of the tree to known columns, as `bind` does."""
        return bind(self.tree, columns, self.where, quoted=quoted, lacking=lacking)


_MOST_PARTS = 5_000
"""Of one expression, such as a case with a thousand values: with more, a project takes seconds to render."""


def parse(text: str, where: str, lookups: Collection[str] = (), *, has_nested: bool = False) -> exp.Expression:
    """Parse one scalar expression in DuckDB's dialect.

    lookups: names that may stand before a column; `orders.status` is then the column orders__status. has_nested:
    whether other names with dots, such as `customer.email`, are values inside a column, each a column of that name.
    Raises SettingsError when it is not one expression, holds a subquery, an aggregate or a window, or gives
    another answer at each run (the clock, chance).
    """
    try:
        statements = [s for s in sqlglot.parse(text, read=READ_DIALECT) if s is not None]
    except SqlglotError as error:
        if _is_plain_name(text):
            return named_column(text)
        raise _refuse(text, f"cannot be read as SQL ({_get_first_line(error)})", where) from error
    except RecursionError:
        raise _refuse(text, "nests too deep", where) from None
    if not statements:
        raise _refuse(text, "is blank", where)
    if len(statements) != 1:
        raise _refuse(text, f"holds {len(statements)} statements; a mapping is one expression", where)
    tree = statements[0]
    if isinstance(tree, exp.Alias) and _is_plain_name(text):
        return named_column(text)
    if not _is_expression(tree):
        raise _refuse(text, "is a statement; a mapping is one scalar expression", where)
    if sum(1 for _ in tree.walk()) > _MOST_PARTS:
        raise _refuse(
            text[:80], f"has more than {_MOST_PARTS:,} parts; long lists belong in a source to look up", where
        )
    tree = tree.transform(_flatten, lookups, has_nested)
    _refuse_unknown_names(tree, text, where)
    for kind, what in _NOT_SCALAR:
        if tree.find(kind):
            raise _refuse(text, f"holds {what}; a mapping is one scalar expression over one row", where)
    _refuse_unrepeatable(tree, text, where)
    return tree


def _is_plain_name(text: str) -> bool:
    """Return whether a text is a plain column name such as `Receipt No`, or even an SQL keyword such as `When`."""
    words = text.split()
    return bool(words) and all(word.isidentifier() for word in words) and "as" not in map(str.lower, words)


def named_column(text: str) -> exp.Expression:
    """Return the tree of a column; its name may contain any characters."""
    return exp.column(exp.to_identifier(text.strip(), quoted=True))


def _is_expression(tree: exp.Expression) -> bool:
    if isinstance(tree, exp.Subquery):
        return True  # the next check says so in better words
    return not isinstance(tree, _STATEMENTS)


_STATEMENTS = (
    *(exp.Query, exp.DDL, exp.DML, exp.Command, exp.Alias, exp.Drop, exp.Set, exp.Attach, exp.Detach, exp.Pragma),
    *(exp.Use, exp.Describe, exp.Show, exp.Transaction, exp.Commit, exp.Rollback, exp.Kill, exp.Analyze, exp.Copy),
)


def _flatten(node: exp.Expression, lookups: Collection[str], has_nested: bool) -> exp.Expression:
    """Rewrite a looked-up or nested column, such as `products.prices.list_price`, to the name of the added column."""
    parts = _list_parts(node)
    if len(parts) > 1 and parts[0] in lookups:
        return exp.column(exp.to_identifier(added_name(*parts), quoted=True))
    if len(parts) > 1 and has_nested:
        return exp.column(exp.to_identifier(join_nested(parts), quoted=True))
    return node


def _list_parts(node: exp.Expression) -> list[str]:
    """List the names of a column with dots; beyond four sqlglot nests them."""
    if isinstance(node, exp.Column):
        return [part.name for part in node.parts]
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier) and (inner := _list_parts(node.this)):
        return [*inner, node.expression.name]
    return []


def added_name(*parts: str) -> str:
    """Return the name under which a looked-up column is added."""
    return "__".join(parts)


def _refuse_unknown_names(tree: exp.Expression, text: str, where: str) -> None:
    for column in tree.find_all(exp.Column):
        if column.table:
            named = f"{column.table}.{column.name}"
            raise _refuse(
                text, f'names a table ({named}); if the column is called so, write "{named}" in quotes', where
            )
    for kind in tree.find_all(exp.DataType):
        if kind.this == exp.DataType.Type.USERDEFINED:
            raise _refuse(text, f"casts to {kind.sql()}, which is not a type", where)


def _refuse_unrepeatable(tree: exp.Expression, text: str, where: str) -> None:
    for node in tree.walk():
        name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
        named = name in _NOT_REPEATABLE_NAMES or (name == "age" and len(node.expressions) == 1)
        if named or isinstance(node, _NOT_REPEATABLE):
            raise _refuse(text, "depends on the clock or on chance, so a rerun would give different numbers", where)


def _refuse(text: str, why: str, where: str) -> SettingsError:
    do = "write one expression over the source's columns, such as: upper(trim(Country))"
    return SettingsError(f"The expression {text!r} {why}.", where=where, do=do)


def _get_first_line(error: Exception) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    return plain.splitlines()[0].rstrip(". ")


def column_key(name: str) -> str:
    """Normalize a column name: names that differ in case, outer blanks, illegal characters or Unicode form are one."""
    return unicodedata.normalize("NFC", re.sub(r"[ ,;{}()\n\t=]+", "_", name.strip())).casefold()


def cast(tree: exp.Expression, to: str) -> exp.Expression:
    """Cast a tree to a type, spelled as in DuckDB; each type is parsed once."""
    return exp.cast(tree, _parse_type(to))


def try_cast(tree: exp.Expression, to: str) -> exp.Expression:
    """Cast a copy of a tree to a type, null where it does not convert."""
    return exp.TryCast(this=tree.copy(), to=exp.DataType.build(to), safe=True, requires_string=True)


def trim_text(raw: exp.Expression) -> exp.Expression:
    """Return a value as text without outer blanks, of which a plain column has none any more."""
    as_text = cast(raw.copy(), "text")
    is_bare = isinstance(raw, exp.Column | exp.Nullif)
    return as_text if is_bare else exp.Trim(this=as_text)


@cache
def _parse_type(name: str) -> exp.DataType:
    return exp.DataType.build(name)


def columns_of(tree: exp.Expression) -> list[str]:
    """Return the distinct source columns that an expression reads, in order of appearance."""
    return list(dict.fromkeys(c.name for c in tree.find_all(exp.Column)))


def bind(
    tree: exp.Expression,
    columns: Mapping[str, str],
    where: str,
    *,
    quoted: bool = True,
    lacking: exp.Expression | None = None,
) -> exp.Expression:
    """Replace each column by the known column of that key.

    columns: column_key -> the name in bronze.
    lacking: the replacement of unknown names; if None, they raise SettingsError.
    """

    def replace(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        known = columns.get(column_key(node.name)) or (FILE_COLUMN if node.name == FILE_COLUMN else None)
        if known is None and lacking is not None:
            return lacking.copy()
        if known is None:
            raise unknown_column(node.name, list(columns.values()), where)
        return exp.column(exp.to_identifier(known, quoted=quoted))

    return tree.copy().transform(replace)


def find_nested(name: str, columns: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
    """Find the column that a nested value lies in, and the keys that lead to it; None for a plain or unknown name.

    columns: column_key -> the name in bronze.
    """
    column, *keys = split_nested(name)
    if column_key(name) in columns or not keys or column_key(column) not in columns:
        return None
    return columns[column_key(column)], tuple(keys)


def unknown_column(name: str, columns: list[str], where: str) -> SettingsError:
    """Return the error for a column that a source does not have, with the nearest name."""
    do = did_you_mean(name, columns, f"there are: {', '.join(columns)}")
    return SettingsError(f"There is no column {name!r}.", where=where, do=do)
