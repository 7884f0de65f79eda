"""A project's mappings computed on a sample of its sources: which values would be set aside, before anything lands."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patron.contract.entities import Entity, load_entities
from patron.engines.dialects import find_dialect
from patron.engines.sql_text import quote_name
from patron.lake import Lake, Position
from patron.project.mapping.lookups import sort_by_lookups
from patron.project.project import Project
from patron.transform.compile.select import compile_select
from patron.transform.render.lookup_columns import render_rows
from patron.transform.render.nested_rows import has_nested_rows, name_nested_rows, render_nested_rows
from patron.transform.render.source_schema import derive_shapes, describe_sample
from patron.transform.render.staging import render_source

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_DIALECT = "duckdb"
_CALLS = {
    r"\{\{ source\('bronze', '(\w+)'\) \}\}": r"arrived_\1",
    r"\{\{ source_relation\('(\w+)'\) \}\}": r"rows_\1",
    r"\{\{ ref\('(nested_\w+)'\) \}\}": r"\1",
    r"\{\{ raw_row\([^{}]*\) \}\}": "''",
    r"\{\{ row_fingerprint\([^{}]*\) \}\}": "''",
    r"\{\{ '(\{)' \}\}": r"\1",
    r"\{\{ '\\r' \}\}": "\r",
}
"""The words of templates that a rendered mapping holds -> what they are here."""


@dataclass(frozen=True)
class Fault:
    """Values of one column that would be set aside. rows: of the sample, how many. reason: without the values."""

    column: str
    rows: int
    reason: str


@dataclass(frozen=True)
class Trial:
    """What became of a source's sample in one entity: how many rows belong to it, and the faults, most rows first."""

    source: str
    entity: str
    rows: int
    faults: tuple[Fault, ...]

    @property
    def bad_rows(self) -> int:
        """Rows that would be set aside."""
        return sum(fault.rows for fault in self.faults)


def try_mappings(project: Project, samples: Mapping[str, pa.Table]) -> list[Trial]:
    """Compute every mapping on samples, which must be there for all sources. Raises SettingsError for unknown
    columns, and for times that can be read in two ways.

    samples: source -> rows under the lake's names. Sources with rebuilt times are left out, as their times need all
    rows.
    """
    import duckdb

    project = _recognize_times(project, samples)
    shapes = derive_shapes(project, {name: describe_sample(table) for name, table in samples.items()})
    settings, found = project.settings.sources, list[Trial]()
    with duckdb.connect(":memory:", config={"threads": 1}) as engine:
        usable = set[str]()
        for source in sort_by_lookups(settings):
            into = {lookup.source or name for name, lookup in settings[source].lookups.items()}
            if settings[source].rebuilt_times or not into <= usable:
                continue
            usable.add(source)
            _register(engine, source, samples[source])
            engine.execute(f"create view rows_{source} as {_fill_in(render_rows(project, source, shapes, _DIALECT))}")
            for name, mapping in project.mappings[source].entities.items():
                if has_nested_rows(mapping, shapes[source]):
                    nested = _fill_in(render_nested_rows(source, mapping, shapes[source], _DIALECT))
                    view = f"create view {name_nested_rows(source, name)} as"
                    engine.execute(f"{view} {compile_select(nested, find_dialect(_DIALECT))}")
                sql = _fill_in(render_source(project, load_entities()[name], mapping, shapes[source], _DIALECT))
                found.append(_count(engine, source, load_entities()[name], sql))
    return found


def _recognize_times(project: Project, samples: Mapping[str, pa.Table]) -> Project:
    """Fill in the formats of times that the samples show, as a run does of what landed; in a lake of a moment."""
    import datetime as dt

    import pyarrow as pa

    from patron.transform.time_formats.recognize import recognize_formats

    with tempfile.TemporaryDirectory(prefix="patron-") as folder:
        lake = Lake(Path(folder))
        for source, table in samples.items():
            if not table.num_rows:
                return project
            landed = pa.array([dt.datetime.now(dt.UTC)] * table.num_rows, pa.timestamp("us", "UTC"))
            full = table.append_column("_source_file", pa.array([""] * table.num_rows, pa.string()))
            full = full.append_column("_row_key", pa.array(range(table.num_rows), pa.int64()))
            full = full.append_column("_ingested_at", landed)
            full = full.append_column("_batch_id", pa.array([1] * table.num_rows, pa.int64()))
            lake.table(source).append(full.to_reader(), positions=[Position("sample")], batch_id=1)
        schemas = {name: describe_sample(table) for name, table in samples.items()}
        return recognize_formats(project, lake, schemas).project


def _register(engine: duckdb.DuckDBPyConnection, source: str, table: pa.Table) -> None:
    engine.register(f"sample_{source}", table)
    columns = ", ".join(quote_name(name, _DIALECT) for name in table.column_names)
    engine.execute(
        f"create table arrived_{source} as select {columns}, row_number() over () as _row_key, "
        "cast(1 as bigint) as _batch_id, '' as _source_file, cast(now() as timestamp) as _ingested_at "
        f"from sample_{source}"
    )


def _fill_in(sql: str) -> str:
    for call, there in _CALLS.items():
        sql = re.sub(call, there, sql)
    return sql


def _count(engine: duckdb.DuckDBPyConnection, source: str, entity: Entity, sql: str) -> Trial:
    (rows,) = engine.execute(f"select count(*) from ({sql}) as staged").fetchone() or (0,)
    reasons = engine.execute(
        "select split_part(quarantine_reason, ':', 1) as name, "
        "case when quarantine_reason like '%: % is not %' then '' "
        f"else substr(quarantine_reason, length(name) + 3) end as reason, count(*) from ({sql}) as staged "
        "where quarantine_reason is not null group by all order by 3 desc, 1"
    ).fetchall()
    faults = tuple(Fault(name, count, reason or _name_type(entity, name)) for name, reason, count in reasons)
    return Trial(source, entity.name, rows, faults)


_TYPES = {
    "amount": "not amounts", "quantity": "not numbers", "number": "not numbers", "integer": "not whole numbers",
    "rate": "not numbers", "timestamp": "not times", "date": "not dates", "boolean": "neither true nor false",
    "exchange_rate": "not rates above zero",
}  # fmt: skip


def _name_type(entity: Entity, column: str) -> str:
    kind = entity.columns[column].type if column in entity.columns else ""
    return _TYPES.get(kind, "not valid")
