"""Mapping expressions: checked to be one harmless scalar, bound to a source's columns, written for an engine.

Users write DuckDB's dialect. Everything here works on sqlglot trees, never on text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from patron.errors import SettingsError, did_you_mean
from patron.project.mapping.safe_expressions import TRY_STRPTIME, never_raises

READ_DIALECT = "duckdb"
DIALECTS = ("duckdb", "spark", "databricks", "bigquery", "snowflake")

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


def parse(text: str, where: str, lookups: Collection[str] = ()) -> exp.Expression:
    """Read one scalar expression in DuckDB's dialect.

    lookups: names that may stand before a column; `orders.status` is then the column orders__status.
    Raises SettingsError when it is not one expression, holds a subquery, an aggregate or a window, or gives
    another answer at each run (the clock, chance).
    """
    try:
        statements = [s for s in sqlglot.parse(text, read=READ_DIALECT) if s is not None]
    except SqlglotError as error:
        if _is_plain_name(text):
            return _named_column(text)
        raise _refused(text, f"cannot be read as SQL ({_first_line(error)})", where) from error
    if not statements:
        raise _refused(text, "is blank", where)
    if len(statements) != 1:
        raise _refused(text, f"holds {len(statements)} statements; a mapping is one expression", where)
    tree = statements[0]
    if isinstance(tree, exp.Alias) and _is_plain_name(text):
        return _named_column(text)
    if not _is_expression(tree):
        raise _refused(text, "is a statement; a mapping is one scalar expression", where)
    tree = tree.transform(_flat, lookups)
    _refuse_unknown_names(tree, text, where)
    for kind, what in _NOT_SCALAR:
        if tree.find(kind):
            raise _refused(text, f"holds {what}; a mapping is one scalar expression over one row", where)
    _refuse_unrepeatable(tree, text, where)
    return tree


def _is_plain_name(text: str) -> bool:
    """Words as headers have them, also where SQL has a use for the word: `Receipt No`, `When`."""
    words = text.split()
    return bool(words) and all(word.isidentifier() for word in words) and "as" not in map(str.lower, words)


def _named_column(text: str) -> exp.Expression:
    return exp.column(exp.to_identifier(text.strip(), quoted=True))


def _is_expression(tree: exp.Expression) -> bool:
    if isinstance(tree, exp.Subquery):
        return True  # the next check says so in better words
    return not isinstance(tree, _STATEMENTS)


_STATEMENTS = (
    *(exp.Query, exp.DDL, exp.DML, exp.Command, exp.Alias, exp.Drop, exp.Set, exp.Attach, exp.Detach, exp.Pragma),
    *(exp.Use, exp.Describe, exp.Show, exp.Transaction, exp.Commit, exp.Rollback, exp.Kill, exp.Analyze, exp.Copy),
)


def _flat(node: exp.Expression, lookups: Collection[str]) -> exp.Expression:
    """A looked-up column by the name it has beside the source's own. A lookup's own lookups come after it:
    `products.prices.list_price`.
    """
    if isinstance(node, exp.Column) and node.table:
        parts = [part.name for part in node.parts]
        if parts[0] in lookups:
            return exp.column(exp.to_identifier(added_name(*parts), quoted=True))
    return node


def added_name(*parts: str) -> str:
    """The name of a looked-up column beside the source's own."""
    return "__".join(parts)


def _refuse_unknown_names(tree: exp.Expression, text: str, where: str) -> None:
    for column in tree.find_all(exp.Column):
        if column.table:
            named = f"{column.table}.{column.name}"
            raise _refused(
                text, f'names a table ({named}); if the column is called so, write "{named}" in quotes', where
            )
    for kind in tree.find_all(exp.DataType):
        if kind.this == exp.DataType.Type.USERDEFINED:
            raise _refused(text, f"casts to {kind.sql()}, which is no type", where)


def _refuse_unrepeatable(tree: exp.Expression, text: str, where: str) -> None:
    for node in tree.walk():
        name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
        named = name in _NOT_REPEATABLE_NAMES or (name == "age" and len(node.expressions) == 1)
        if named or isinstance(node, _NOT_REPEATABLE):
            raise _refused(text, "asks the clock or chance, so that a rerun would give other numbers", where)


def _refused(text: str, why: str, where: str) -> SettingsError:
    do = "write one expression over the source's columns, such as: upper(trim(Country))"
    return SettingsError(f"The expression {text!r} {why}.", where=where, do=do)


def _first_line(error: Exception) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    return plain.splitlines()[0].rstrip(". ")


def column_key(name: str) -> str:
    """Two spellings with the same key are the same column: case, outer blanks and illegal marks don't count."""
    return re.sub(r"[ ,;{}()\n\t=]+", "_", name.strip()).casefold()


def columns_of(tree: exp.Expression) -> list[str]:
    """The source columns that an expression reads, in order of appearance, without repeats."""
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
    lacking: what stands for a name that no column has; if None, such a name raises SettingsError.
    """

    def replace(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        known = columns.get(column_key(node.name))
        if known is None and lacking is not None:
            return lacking.copy()
        if known is None:
            raise unknown_column(node.name, list(columns.values()), where)
        return exp.column(exp.to_identifier(known, quoted=quoted))

    return tree.copy().transform(replace)


def unknown_column(name: str, columns: list[str], where: str) -> SettingsError:
    """The error for a column that a source does not have, with the nearest spelling."""
    do = did_you_mean(name, columns, f"there are: {', '.join(columns)}")
    return SettingsError(f"There is no column {name!r}.", where=where, do=do)


@dataclass(frozen=True)
class Trying:
    """An expression that cannot raise, and the condition under which it had a value to give and failed to."""

    value: exp.Expression
    failed: exp.Expression | None


def trying(tree: exp.Expression) -> Trying:
    """Rewrite strict casts and parses to their trying form, and put what may still raise (a root of -1) into TRY.

    A cast that a CASE may skip counts as failed only where the whole came out null.
    """
    always: list[exp.Expression] = []
    where_null: list[exp.Expression] = []

    def rewrite(node: exp.Expression) -> exp.Expression:
        if not _is_strict(node):
            return node
        tried = _tried(node)
        bucket = where_null if node.find_ancestor(exp.Case, exp.If) else always
        bucket.append(exp.and_(_present(node.this), exp.Is(this=tried.copy(), expression=exp.null())))
        return tried

    value = _bottom_up(tree.copy(), rewrite)
    if where_null:
        always.append(exp.and_(_is_null(value), exp.or_(*where_null)))
    failed = exp.or_(*always) if always else None
    return Trying(value, failed) if never_raises(value) else _in_try(value, failed)


def _in_try(value: exp.Expression, failed: exp.Expression | None) -> Trying:
    """Null where the engine refuses a row's values, and failed there: a TRY that is neither true nor false raised."""
    raised = _is_null(exp.Try(this=_is_null(value)))
    if failed is not None:
        known = exp.Try(this=exp.func("coalesce", failed, exp.false()))
        raised = exp.or_(raised, exp.func("coalesce", known, exp.true()))
    return Trying(exp.Try(this=value.copy()), raised)


def _is_null(tree: exp.Expression) -> exp.Expression:
    return exp.Is(this=exp.paren(tree.copy()), expression=exp.null())


def _is_strict(node: exp.Expression) -> bool:
    if type(node) is exp.Cast:
        return not isinstance(node.this, exp.Literal) and node.to.this not in exp.DataType.TEXT_TYPES
    return type(node) is exp.StrToTime


def _tried(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Cast):
        return exp.TryCast(this=node.this, to=node.args["to"], safe=True, requires_string=True)
    return try_strptime(node.this, node.args["format"])


def _present(operand: exp.Expression) -> exp.Expression:
    """True where the operand holds something: not null, and not only blanks once written as text."""
    as_text = exp.cast(operand.copy(), "text")
    return exp.NEQ(this=exp.Trim(this=as_text), expression=exp.Literal.string(""))


def _bottom_up(tree: exp.Expression, rewrite: object) -> exp.Expression:
    """Apply `rewrite` to inner nodes first, so that an outer cast sees its operand already rewritten."""
    for node in list(tree.dfs(prune=lambda _: False))[::-1]:
        new = rewrite(node)  # type: ignore[operator]
        if new is node:
            continue
        if node is tree:
            return new
        node.replace(new)
    return tree


def try_strptime(operand: exp.Expression, fmt: exp.Expression) -> exp.Expression:
    """Parse text by a strptime format; null where it does not fit. Every engine spells this differently."""
    return exp.Anonymous(this=TRY_STRPTIME, expressions=[operand, fmt])


def _is_try_strptime(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.this == TRY_STRPTIME


_TRY_STRPTIME = {
    "duckdb": "TRY_STRPTIME({this}, {format})",
    "spark": "TRY_TO_TIMESTAMP({this}, {format})",
    "databricks": "TRY_TO_TIMESTAMP({this}, {format})",
    "bigquery": "SAFE.PARSE_DATETIME({format}, {this})",
    "snowflake": "TRY_TO_TIMESTAMP({this}, {format})",
}


def to_sql(tree: exp.Expression, dialect: str) -> str:
    """The expression in the words of one engine."""
    if not any(isinstance(node, exp.Try) or _is_try_strptime(node) for node in tree.walk()):
        return str(tree.sql(dialect=dialect))  # most are, and copies of trees are what rendering spends its time on
    held: dict[str, str] = {}
    spell_try = _shielded if dialect == READ_DIALECT else _without_try
    tree = _bottom_up(tree.copy(), lambda node: spell_try(node) if isinstance(node, exp.Try) else node)

    def hold(node: exp.Expression) -> exp.Expression:
        if not _is_try_strptime(node):
            return node
        operand, fmt = node.expressions
        token = f"__try_strptime_{len(held)}__"
        held[token] = _TRY_STRPTIME[dialect].format(this=to_sql(operand, dialect), format=_format(fmt, dialect))
        return exp.Var(this=token)

    sql = tree.copy().transform(hold).sql(dialect=dialect)
    for token, spelled in held.items():
        sql = sql.replace(token, spelled)
    return str(sql)


def _without_try(node: exp.Expression) -> exp.Expression:
    """Only DuckDB has TRY; elsewhere what stands in it stands alone."""
    return exp.paren(node.this)


def _shielded(node: exp.Expression) -> exp.Expression:
    """DuckDB's optimizer computes what stands twice in a query once, and beforehand, outside any TRY (1.5.5).

    It leaves alone what stands in a CASE, so the same goes into both branches of one.
    """
    column = node.find(exp.Column)
    if column is None:
        return node
    is_null = exp.Is(this=column.copy(), expression=exp.null())
    either = exp.Case(ifs=[exp.If(this=is_null, true=node.this.copy())], default=node.this.copy())
    return exp.Try(this=either)


def _format(fmt: exp.Expression, dialect: str) -> str:
    """A strptime format in the engine's own letters (Spark: yyyy-MM-dd)."""
    if dialect == READ_DIALECT:
        return str(fmt.sql(dialect=dialect))
    whole = exp.StrToTime(this=exp.column("x"), format=fmt.copy())
    return str(sqlglot.Dialect.get_or_raise(dialect).generator().format_time(whole))


def quoted(name: str, dialect: str) -> str:
    """A column name in one engine's quotes."""
    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))
