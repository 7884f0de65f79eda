"""Fills in the formats that a mapping leaves out: those on record, and for new columns those that the values show."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.errors import EngineError, SettingsError
from patron.project.mapping.expressions import READ_DIALECT, bind, column_key, columns_of
from patron.project.mapping.raise_rules import TRY_STRPTIME
from patron.project.mapping.safe_expressions import make_safe
from patron.transform.check_expressions import check_expressions_on_columns
from patron.transform.render.source_schema import derive_shapes
from patron.transform.render.type_casts import read_as_text
from patron.transform.render.write_sql import write
from patron.transform.time_formats.choice import Choice, choose_formats, show_example
from patron.transform.time_formats.evidence import SAMPLE_FILES, SAMPLE_ROWS, Values, count_fits, is_native
from patron.transform.time_formats.nested_values import NestedRows, find_nested_rows
from patron.transform.time_formats.recorded import Recorded, RecordedFormats
from patron.transform.time_formats.time_columns import TimeColumn, list_time_columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from patron.lake import BronzeTable, Lake
    from patron.project.project import Project
    from patron.transform.render.type_casts import SourceShape


@dataclass(frozen=True)
class Recognized:
    """A project whose mappings have the formats of their times. news: what was found just now, in words."""

    project: Project
    news: tuple[str, ...]


def recognize_formats(project: Project, lake: Lake, schemas: Mapping[str, pa.Schema]) -> Recognized:
    """Fill in the formats of times that have none, and record those that are new.

    schemas: each source's own columns as they landed. Raises SettingsError where values can be read in two ways.
    """
    search = _Search(project, lake, schemas)
    try:
        found = [(column, search.find(column)) for column in list_time_columns(project)]
    finally:
        search.close()
    return Recognized(_fill_in(project, found), tuple(dict.fromkeys(search.news)))


def apply_recorded_formats(project: Project, lake: Lake) -> Project:
    """Fill in the formats that are on record, and look at no values."""
    known = RecordedFormats(lake)
    found = [(column, _get_recorded(known, column)) for column in list_time_columns(project)]
    return _fill_in(project, [(column, recorded.formats) for column, recorded in found if recorded])


def _fill_in(project: Project, found: Iterable[tuple[TimeColumn, tuple[str, ...] | None]]) -> Project:
    mappings = dict(project.mappings)
    for column, formats in found:
        if formats:
            source = mappings[column.source]
            entity = source.entities[column.entity]
            columns = {**entity.columns, column.name: replace(column.mapped, format=formats)}
            entities = {**source.entities, column.entity: replace(entity, columns=columns)}
            mappings[column.source] = replace(source, entities=entities)
    return project.with_mappings(mappings)


def _get_recorded(known: RecordedFormats, column: TimeColumn) -> Recorded | None:
    names = (column.name_values(with_condition=with_condition) for with_condition in (True, False))
    return next(filter(None, (known.get(column.values_source, name) for name in names)), None)


class _Search:
    """Looks columns up in the record, and at their values where it has none."""

    def __init__(self, project: Project, lake: Lake, schemas: Mapping[str, pa.Schema]) -> None:
        self.project, self.lake, self.schemas = project, lake, schemas
        self.known = RecordedFormats(lake)
        self.news: list[str] = []
        self._shapes: dict[str, SourceShape] | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None

    def find(self, column: TimeColumn) -> tuple[str, ...] | None:
        """Find the formats of a column; empty for ISO and native times; None if nothing tells."""
        table = self.lake.table(column.values_source)
        recorded = _get_recorded(self.known, column)
        table_id, last_batch = table.id(), max(table.batch_ids(), default=0)
        if recorded is not None and recorded.table == table_id:
            is_known = recorded.formats is not None
            if is_known or recorded.since_batch == last_batch:
                return recorded.formats
        for with_condition in (False, True) if column.condition else (False,):
            choice = self._choose(column, table, with_condition)
            if choice is None or not choice.doubtful:
                formats = None if choice is None else choice.formats
                name = column.name_values(with_condition=with_condition)
                self.known.put(column.values_source, name, Recorded(table_id, formats, last_batch))
                if formats:
                    self.news.append(_describe(column, formats))
                return formats
        assert choice is not None
        raise _ask(column, choice)

    def _choose(self, column: TimeColumn, table: BronzeTable, with_condition: bool) -> Choice | None:
        """with_condition: only by the rows of the mapping, where those of others leave a doubt."""
        nested = find_nested_rows(self.project, column, self._read_shapes()[column.values_source])
        shape = self._read_shapes()[column.values_source] if nested is None else nested.shape
        if not _has_columns(shape, columns_of(column.tree), nested):
            return None  # not delivered yet, or not a column of bronze
        bound = bind(column.tree, shape.columns, column.mapped.where)
        value, text = read_as_text(bound, shape)
        own = self._describe_rows(column, nested)
        if isinstance(value, exp.Column) and _is_time(own.field(value.name).type):
            return Choice()
        import duckdb

        try:
            if not isinstance(value, exp.Column) and self._is_native(own, value):
                return Choice()
            condition = self._write_condition(column, shape, nested) if with_condition else None
            return self._choose_by_values(table, write(text, READ_DIALECT), condition, nested)
        except duckdb.Error as error:
            table.check_files()
            check_expressions_on_columns(self.project, dict(self.schemas), self.lake)
            what = f"The values of {column.name} cannot be read: {str(error).strip().splitlines()[0]}"
            raise EngineError(what, where=column.mapped.where, do="correct the expression") from error

    def _describe_rows(self, column: TimeColumn, nested: NestedRows | None) -> pa.Schema:
        """The columns that the values are computed from."""
        schema = self.schemas[column.values_source]
        return schema if nested is None else nested.extend(schema)

    def _is_native(self, own: pa.Schema, value: exp.Expression) -> bool:
        """Whether an expression gives a time by itself, as the types of the columns say."""
        if isinstance(value, exp.Anonymous) and value.this == TRY_STRPTIME:
            return True
        rows = self._connect().from_arrow(own.remove_metadata().empty_table())
        return is_native(str(rows.project(f"{write(value, READ_DIALECT)} as v").types[0]))

    def _choose_by_values(
        self, table: BronzeTable, text: str, condition: str | None, nested: NestedRows | None
    ) -> Choice | None:
        """Look at some rows of some files, and at all rows where these leave a doubt."""
        import duckdb

        from patron.engines.duckdb import select_bronze

        if not table.row_count():
            return None
        values = Values("", text, condition, table.row_count(), table.landings()[-1].landed_at)
        files, read = table.files(), (lambda rows: rows) if nested is None else nested.read
        some = files[:: -(-len(files) // SAMPLE_FILES)]
        if len(some) < len(files) or values.row_count > SAMPLE_ROWS:
            with contextlib.suppress(duckdb.BinderException):  # none of them has the column
                rows = read(f"({select_bronze(self._connect(), table, some)})")
                choice = choose_formats(count_fits(self._connect(), replace(values, rows=rows), SAMPLE_ROWS))
                if choice is not None and not choice.doubtful:
                    return choice
        rows = read(f"({select_bronze(self._connect(), table)})")
        return choose_formats(count_fits(self._connect(), replace(values, rows=rows)))

    def _write_condition(self, column: TimeColumn, shape: SourceShape, nested: NestedRows | None) -> str | None:
        if column.condition is None or not _has_columns(shape, column.condition.columns, nested):
            return None  # what it looks up is not in the source's own rows
        return write(make_safe(column.condition.bind(shape.columns)).value, READ_DIALECT)

    def _read_shapes(self) -> dict[str, SourceShape]:
        if self._shapes is None:
            self._shapes = derive_shapes(self.project, dict(self.schemas))
        return self._shapes

    def _connect(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        if self._connection is None:
            limit = self.project.settings.warehouse.memory_limit
            config = {"temp_directory": str(self.project.state / "spill"), **({"memory_limit": limit} if limit else {})}
            self._connection = duckdb.connect(":memory:", config=config)
        return self._connection

    def close(self) -> None:
        """Keep what was found."""
        self.known.save()
        if self._connection is not None:
            self._connection.close()


def _has_columns(shape: SourceShape, names: Iterable[str], nested: NestedRows | None) -> bool:
    known = {column_key(name) for name in shape.own_columns} | (set() if nested is None else set(nested.added))
    return {column_key(name) for name in names} <= known


def _is_time(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_temporal(kind))


def _describe(column: TimeColumn, formats: tuple[str, ...]) -> str:
    return f"{column.name} of {column.source} is read as {' or '.join(formats)}."


def _ask(column: TimeColumn, choice: Choice) -> SettingsError:
    """Ask which reading is meant. The example is invented, as a value of the column may be personal."""
    orders = [doubt.order for doubt in choice.doubtful]
    if choice.is_mixed:
        what = f"Some values of {column.name} in {column.source} can only be read {', others only '.join(orders)}."
        do = "say which is meant, and the others go to quarantine; beside the column's `expression`"
    else:
        example, meanings = show_example(choice.doubtful)
        what = (
            f"Every value of {column.name} in {column.source} can be read {' or '.join(orders)}: "
            f"{example} would be {' or '.join(meanings)}."
        )
        do = "say which is meant, beside the column's `expression`"
    lines = " or ".join(f"`{_write_setting(doubt.formats)}` ({doubt.order})" for doubt in choice.doubtful)
    return SettingsError(what, where=column.mapped.where, do=f"{do}: {lines}")


def _write_setting(formats: tuple[str, ...]) -> str:
    listed = [f'"{fmt}"' for fmt in formats]
    return f"format: {listed[0]}" if len(listed) == 1 else f"format: [{', '.join(listed)}]"
