"""Runs a shop on both engines and compares every gold table that they publish."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from tests.engines.same_tables import differences

from benchmarks.parity.shops import TwoProjects
from patron.pipeline.run import run
from patron.project.project import Project
from patron.publish.snapshot import load_current

RELATIVE = 1e-9
"""How far two doubles may lie apart. Everything else is equal, or a mismatch."""


@dataclass(frozen=True)
class Comparison:
    """One gold table on both engines. when: `whole`, or the part of the files that had arrived."""

    shop: str
    when: str
    table: str
    rows: int
    mismatches: list[str]


def compare_whole(name: str, folder: Path) -> Iterator[Comparison]:
    """Compare after one run on all files."""
    shop = TwoProjects(name, folder)
    _run(shop)
    yield from _compare(shop, "whole")


def compare_parts(name: str, folder: Path) -> Iterator[Comparison]:
    """Compare after each of three runs, of which the later ones are incremental."""
    shop = TwoProjects(name, folder)
    for number in shop.deliver():
        _run(shop)
        yield from _compare(shop, f"part {number}")


def _run(shop: TwoProjects) -> None:
    """Run on DuckDB, which fits; Spark is given its models, since what may differ is how data reaches them."""
    one, other = shop.projects["duckdb"], shop.projects["spark"]
    run(one)
    if one.models.is_dir():
        shutil.copytree(one.models, other.models, dirs_exist_ok=True)
    run(other)


def _compare(shop: TwoProjects, when: str) -> Iterator[Comparison]:
    one, other = (_list_published(shop.projects[engine]) for engine in ("duckdb", "spark"))
    for table in sorted(one.keys() | other.keys()):
        if table not in one or table not in other:
            yield Comparison(shop.name, when, table, 0, ["only on one engine"])
            continue
        left, right = pq.read_table(one[table]), pq.read_table(other[table])
        yield Comparison(shop.name, when, table, left.num_rows, differences(left, right, RELATIVE))


def _list_published(project: Project) -> dict[str, Path]:
    snapshot = load_current(project.published)
    assert snapshot is not None
    return {table: project.published / snapshot.name / f"{table}.parquet" for table in snapshot.tables}
