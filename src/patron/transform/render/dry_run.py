"""Every expression of a project run once, over a row of nulls: what the engine would refuse is refused beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.contract.entities import load_entities
from patron.engines.sql_text import quote_name, to_sql
from patron.errors import SettingsError
from patron.project.mapping.expressions import FILE_COLUMN, READ_DIALECT, Expression, column_key, find_nested
from patron.project.mapping.mappings import POSITION, SourceMapping
from patron.project.mapping.safe_expressions import make_safe
from patron.transform.render import rules, segments
from patron.transform.render.type_casts import make_missing_column
from patron.transform.rule_files import find_rule_file, is_shipped, read_csv

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from patron.project.project import Project


def check_before_landing(project: Project) -> None:
    """Check rule files and expressions. Raises SettingsError, naming key or file and line; touches no data."""
    settings, root = project.settings.rules, project.root
    with _open_engine() as engine:
        for _, expression, is_optional in _iterate_expressions(project):
            _try(engine, expression, None, is_optional)
    line_kinds = find_rule_file("line_kinds", settings.line_kinds, root)
    (_check_shipped_rules if is_shipped(line_kinds) else _check_rules)(line_kinds)
    segments.read_segments(find_rule_file("segments", settings.segments, root))
    read_csv(find_rule_file("countries", settings.countries, root), ["raw_country", "country"])


def _check_rules(path: Path) -> None:
    with _open_engine() as engine:
        line = _make_order_lines(engine)
        for rule in rules.read_rules(path):
            if rule.condition is not None:
                _try(engine, rule.condition, line)


_check_shipped_rules = cache(_check_rules)


def check_after_landing(project: Project, schemas: Mapping[str, pa.Schema]) -> None:
    """Check expressions again, now that the types of columns are known (source -> its columns in bronze)."""
    with _open_engine() as engine:
        rows = {
            source: _make_landed_rows(engine, f"{source}_row", _add_nested(project.mappings[source], schema))
            for source, schema in schemas.items()
        }
        for source, expression, is_optional in _iterate_expressions(project):
            _try(engine, expression, rows[source], is_optional)


def _add_nested(mapping: SourceMapping, schema: pa.Schema) -> pa.Schema:
    """The columns of a source with the values inside of them that its expressions read, which are text."""
    import pyarrow as pa

    columns = {column_key(name): name for name in schema.names}
    found = {column_key(name): name for name in mapping.names if find_nested(name, columns)}
    added = [pa.field(name, pa.string()) for name in found.values()]
    added += [pa.field(POSITION, pa.int64())] if any(one.explode for one in mapping.entities.values()) else []
    return pa.schema([*schema, *added])


@dataclass(frozen=True)
class _Rows:
    """A table of a row of nulls and a row of ones, the names of its columns, and what stands for one it lacks."""

    sql: str
    columns: list[str]
    lacking: exp.Expression = field(default_factory=exp.null)


def _make_landed_rows(engine: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> _Rows:
    import pyarrow as pa

    if FILE_COLUMN not in schema.names:
        schema = schema.append(pa.field(FILE_COLUMN, pa.string()))
    engine.from_arrow(schema.remove_metadata().empty_table()).create(name)
    kinds = engine.execute(f"select column_name, column_type from (describe {name})").fetchall()
    row = _fill_rows(engine, name, dict(kinds))
    return replace(row, lacking=make_missing_column(all_text={kind for _, kind in kinds} <= {"VARCHAR"}))


def _make_typed_rows(engine: duckdb.DuckDBPyConnection, kinds: Mapping[str, str]) -> _Rows:
    listed = ", ".join(f"{_quote(name)} {kind}" for name, kind in kinds.items()) or "nothing text"
    engine.execute(f"create or replace table one_row ({listed})")
    return _fill_rows(engine, "one_row", kinds or {"nothing": "text"})


def _fill_rows(engine: duckdb.DuckDBPyConnection, name: str, kinds: Mapping[str, str]) -> _Rows:
    """Two rows of a real table: in a select over constants the engine works nulls out and never looks at the rest."""
    engine.execute(f"insert into {name} values ({', '.join(['null'] * len(kinds))})")
    engine.execute(f"insert into {name} values ({', '.join(f'try_cast(1 as {kind})' for kind in kinds.values())})")
    return _Rows(name, list(kinds))


def _make_order_lines(engine: duckdb.DuckDBPyConnection) -> _Rows:
    lines = load_entities()["order_lines"].columns
    return _make_typed_rows(
        engine, {name: lines[name].sql_type if name in lines else "text" for name in rules.RULE_COLUMNS}
    )


def _make_untyped_rows(columns: list[str]) -> _Rows:
    nulls = ", ".join(f"null as {_quote(name)}" for name in columns)
    return _Rows(f"(select {nulls or '1'}) as one_row", columns)


def _quote(name: str) -> str:
    return quote_name(name, READ_DIALECT)


def _open_engine() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1})


def _iterate_expressions(project: Project) -> Iterator[tuple[str, Expression, bool]]:
    """(source, expression, whether its columns may be missing) of every lookup, mapped column and condition."""
    for source, mapping in project.mappings.items():
        for lookup in mapping.lookups.values():
            yield from ((source, own, False) for own in lookup.values())
        for entity in mapping.entities.values():
            for column in entity.columns.values():
                if column.expression is not None:  # attributes are plain columns
                    yield source, column.expression, column.optional
            yield from ((source, condition, False) for condition in entity.conditions)


def _try(
    engine: duckdb.DuckDBPyConnection, expression: Expression, row: _Rows | None, is_optional: bool = False
) -> None:
    """Raise SettingsError where the engine refuses; before the types are known, where it does whatever they are."""
    if isinstance(expression.tree, exp.Column):
        return
    columns = expression.columns
    rows = [row] if row else [_make_untyped_rows(columns), _make_typed_rows(engine, dict.fromkeys(columns, "text"))]
    refusals = []
    for one in rows:
        known = {column_key(name): name for name in one.columns}
        bound = expression.bind(known, lacking=one.lacking if is_optional else None)
        refusals.append(_find_refusal(engine, bound, one))
    if all(refusals):
        what = f"The expression {expression.text!r} cannot be computed: {refusals[-1]}."
        raise SettingsError(what, where=expression.where, do=_hint(str(refusals[-1])))


def _find_refusal(engine: duckdb.DuckDBPyConnection, bound: exp.Expression, row: _Rows) -> str | None:
    """What the engine says against an expression over such rows; None where it takes it."""
    import duckdb

    value = _write(make_safe(bound).value)
    try:
        # In a filter, DuckDB itself refuses aggregates, windows and whatever makes more rows of one.
        engine.execute(f"select count(*) from {row.sql} where ({value}) is null").fetchall()
        for constant in bound.walk(prune=_is_constant):
            if _is_constant(constant):  # such as date '2011-02-30', which a CASE may hide from the rows
                engine.execute(f"select {_write(constant)}").fetchall()
    except duckdb.Error as error:
        return str(error).strip().splitlines()[0].rstrip(".")
    return None


def _is_constant(tree: exp.Expression) -> bool:
    """A part that is the same for every row, and a computation."""
    is_computed = isinstance(tree, exp.Cast | exp.Func | exp.Binary | exp.Neg)
    return is_computed and not tree.find(exp.Column) and not tree.find_ancestor(exp.Lambda)


def _write(tree: exp.Expression) -> str:
    return to_sql(tree, READ_DIALECT)


def _hint(message: str) -> str:
    if "explicit type cast" in message or "explicit cast" in message:
        return "columns of delimited text are text; write cast(Quantity as decimal(18, 4)) to reckon with one"
    return "write one of DuckDB's scalar expressions over the source's columns, such as: upper(trim(Country))"
