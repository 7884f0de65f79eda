"""Whole shops that are built by Snowflake's models, on fakesnow, and published: their gold is that of DuckDB."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from engines.clouds import fakesnow_server
from engines.same_tables import differences
from patron.engines import open_warehouse
from patron.pipeline.run import run
from patron.project.project import Project
from patron.publish.snapshot import load_current

pytestmark = pytest.mark.soak

SHOPS = ("cafe", "customer360", "instacart")
RELATIVE = 1e-9


@pytest.fixture(scope="module")
def fakesnow() -> Iterator[None]:
    with fakesnow_server.serve() as environment, pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        yield


def list_gold(folder: Path) -> dict[str, Path]:
    published = Project.load(folder).published
    snapshot = load_current(published)
    assert snapshot is not None
    return {table: published / snapshot.name / f"{table}.parquet" for table in snapshot.tables}


def take(name: str, folder: Path, to: Path) -> Path:
    """A copy of a shop that is not built, for Snowflake."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns(".patron"))
    settings = yaml.safe_load((to / "patron.yaml").read_text())
    warehouse = {"engine": "snowflake", "database": f"models_{name}"}
    (to / "patron.yaml").write_text(yaml.safe_dump({**settings, "warehouse": warehouse}))
    return to


@pytest.mark.parametrize("name", SHOPS)
def test_gold_is_that_of_duckdb(name, example, fakesnow, tmp_path):
    built = example(name).folder
    folder = take(name, built, tmp_path / name)
    project = Project.load(folder)
    with pytest.MonkeyPatch.context():
        run(project)
    there, here = list_gold(folder), list_gold(built)
    assert set(there) == set(here)
    unequal = {table: differences(pq.read_table(here[table]), pq.read_table(there[table]), RELATIVE) for table in here}
    assert {table: found[:3] for table, found in unequal.items() if found} == {}
    open_warehouse(project).close()
