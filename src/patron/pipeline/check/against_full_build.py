"""Incremental equals full: make a full build aside, from the same lake, and compare the gold tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.transform.state import BuildRecord

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.project import Project


@dataclass(frozen=True)
class Compared:
    """One gold table: its content as the runs left it (`built`), and as a full build makes it (`full`)."""

    table: str
    built: str
    full: str

    @property
    def is_same(self) -> bool:
        return self.built == self.full


def compare_with_full_build(project: Project, lake: Lake, warehouse: Warehouse, as_of: str) -> Iterator[Compared]:
    """Compare every gold table by the content of its rows. The caller holds the lock; the project does not change.

    as_of: the day or rule that the tables were measured at. Raises EngineError if the full build fails.
    """
    from patron.engines import open_warehouse
    from patron.transform.fingerprint import list_gold_tables

    tables = list_gold_tables(project)
    with warehouse.hold_open():
        built = warehouse.contents("gold", tables)
    warehouse.close()
    aside = project.with_as_of(as_of).with_state(project.state / "aside")
    shutil.rmtree(aside.state, ignore_errors=True)
    aside.state.mkdir(parents=True)
    for own, copied in ((project.models, aside.models), (project.compiled, aside.compiled)):
        if own.exists():
            shutil.copytree(own, copied)
    other = open_warehouse(aside)
    try:
        _build(aside, lake, other, as_of)
        with other.hold_open():
            full = other.contents("gold", tables)
    finally:
        other.close()
        shutil.rmtree(aside.state, ignore_errors=True)
    for table in tables:
        yield Compared(table, built[table], full[table])


def _build(aside: Project, lake: Lake, warehouse: Warehouse, as_of: str) -> None:
    from patron.pipeline.build import Builder
    from patron.pipeline.render_project import render_project
    from patron.transform.render.source_schema import read_bronze_schemas

    rendered = render_project(aside, read_bronze_schemas(aside, lake), warehouse, as_of)
    record = BuildRecord(aside.built)
    # run_tests=False: `check` runs the data tests itself, on the tables of the project
    builder = Builder(aside, lake, warehouse, record, run_tests=False)
    builder.expose(as_of)
    builder.build(builder.plan(rendered), None, lambda *_: None)
