"""Gold as Delta and Iceberg tables: read back by other libraries, one version for all tables, whole after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest

from patron.errors import LockedError, NothingBuiltError, SettingsError
from patron.project.project import Project
from patron.project.settings import ProjectSettings
from patron.publish.destinations import ExportRequest, export_gold
from patron.publish.snapshot import load_current, publish

FORMATS = ("delta", "iceberg")

EVERY_TYPE = """
select
    n as customer_id, case when n % 3 = 0 then null else 'Zoë ''' || n end as nickname, n::integer as rank, n / 7.0::double as rate,
    n % 2 = 0 as is_even, date '2024-02-28' + n::integer as order_date, timestamp '2024-01-01 00:00:00.123456' + to_hours(n) as ordered_at,
    (n / 3)::decimal(18, 4) as price, (n * -1e15)::decimal(38, 4) as net_amount
from range({rows}) as numbers(n)
"""


class Gold:
    """A warehouse whose gold is these selects."""

    def __init__(self, selects: dict[str, str]) -> None:
        self.selects = selects

    def contents(self, schema: str, tables: list[str]) -> dict[str, str]:
        return {table: self.selects[table] for table in tables}

    def export(self, schema: str, tables: list[str], folder: Path) -> dict[str, int]:
        for table in tables:
            duckdb.sql(f"copy ({self.selects[table]}) to '{folder / f'{table}.parquet'}' (format parquet)")
        return {table: duckdb.sql(f"select count(*) from ({self.selects[table]})").fetchone()[0] for table in tables}


def run(root: Path, personal: bool = False, **selects: str) -> Project:
    """Publish a gold of these tables."""
    columns = {name: name for name in ("order_id", "ordered_at", "quantity", "unit_price")}
    sources = {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}}
    settings = {"shop": {"name": "Small"}, "sources": sources, "publish": {"personal": personal}}
    project = Project(root, ProjectSettings.model_validate(settings))
    publish(Gold(selects), project.published, list(selects), fingerprint="1", as_of="2024-03-01")
    return project


def export(project: Project, to: str, folder: Path, **options: Any):
    return export_gold(project, ExportRequest(to, folder=str(folder), **options))


def load_extension(name: str) -> duckdb.DuckDBPyConnection:
    wheel = pytest.importorskip(f"duckdb_extension_{name}")
    engine = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    if name == "iceberg":  # whose own readers of Avro are another extension
        pytest.importorskip("duckdb_extension_avro")
        engine.load_extension(str(find_extension(import_module("duckdb_extension_avro"))))
    engine.load_extension(str(find_extension(wheel)))
    return engine


def find_extension(wheel: Any) -> Path:
    return next(Path(wheel.__file__).parent.rglob(f"v{duckdb.__version__}/*.duckdb_extension"))


def read_versions(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "snapshot.json").read_text())


def read_by_library(folder: Path, table: str, versions: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Read a table by the format's own Python library, in the version that snapshot.json names."""
    versions = versions or read_versions(folder)
    version = versions["tables"][table]["version"]
    if versions["format"] == "delta":
        from deltalake import DeltaTable

        rows = DeltaTable(folder / table, version=version).to_pyarrow_table()
    else:
        from pyiceberg.table import StaticTable

        rows = StaticTable.from_metadata((folder / version).absolute().as_uri()).scan().to_arrow()
    return duckdb.from_arrow(rows).query("held", "from held order by all").fetchall()


def read_by_duckdb(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """Read a table by DuckDB's reader of the format, in the version that snapshot.json names."""
    versions = read_versions(folder)
    version = versions["tables"][table]["version"]
    engine = load_extension(versions["format"])
    scan = (
        f"delta_scan('{folder / table}', version = {version})"
        if versions["format"] == "delta"
        else f"iceberg_scan('{folder / version}')"
    )
    return engine.execute(f"select * from {scan} order by all").fetchall()


def read_published(project: Project, table: str) -> list[tuple[Any, ...]]:
    file = project.published / load_current(project.published).name / f"{table}.parquet"
    return duckdb.sql(f"from read_parquet('{file}') order by all").fetchall()


@pytest.mark.parametrize("read", [read_by_library, read_by_duckdb])
@pytest.mark.parametrize("to", FORMATS)
def test_other_libraries_read_what_was_published(tmp_path, to, read):
    project = run(tmp_path, many=EVERY_TYPE.format(rows=1000), none=EVERY_TYPE.format(rows=0))
    done = export(project, to, tmp_path / "out")
    assert (done.is_new, done.loaded, done.kind) == (True, {"many": 1000, "none": 0}, "folder")
    for table in ("many", "none"):
        assert read(tmp_path / "out", table) == read_published(project, table)


@pytest.mark.parametrize("to", FORMATS)
def test_only_tables_that_changed_get_a_new_version(tmp_path, to):
    folder = tmp_path / "out"
    export(run(tmp_path, one="select 1 as n", same="select 5 as n"), to, folder)
    first = read_versions(folder)
    project = run(tmp_path, one="select 2 as n", same="select 5 as n")
    done = export(project, to, folder)
    assert (list(done.loaded), done.unchanged) == (["one"], ["same"])
    assert [read_by_library(folder, table) for table in ("one", "same")] == [[(2,)], [(5,)]]
    assert [read_by_library(folder, table, first) for table in ("one", "same")] == [[(1,)], [(5,)]]
    again = export(project, to, folder)
    assert (again.is_new, again.loaded) == (False, {})
    assert read_versions(folder)["earlier"] == [first]


@pytest.mark.parametrize("to", FORMATS)
def test_old_versions_go_by_the_keep_policy(tmp_path, to):
    folder = tmp_path / "out"
    seen = []
    for number in range(4):
        export(run(tmp_path, one=f"select {number} as n"), to, folder)
        seen.append(read_versions(folder))
    kept = read_versions(folder)
    assert len(kept["earlier"]) == 1  # two in all, which is the least that the settings allow
    assert [read_by_library(folder, "one", one) for one in (kept, kept["earlier"][0])] == [[(3,)], [(2,)]]
    with pytest.raises(Exception, match=r"(?i)not found|no such file|error"):
        read_by_library(folder, "one", seen[0])
    assert len(list((folder / "one").rglob("*.parquet"))) == 2


@pytest.mark.parametrize("to", FORMATS)
def test_columns_and_tables_come_and_go(tmp_path, to):
    folder = tmp_path / "out"
    export(run(tmp_path, one="select 1 as n, 'a' as old", gone="select 1 as n"), to, folder)
    export(run(tmp_path, one="select 1.5::double as n, true as is_new", made="select 7 as n"), to, folder)
    assert read_by_library(folder, "one") == read_by_duckdb(folder, "one") == [(1.5, True)]
    assert read_by_library(folder, "made") == [(7,)]
    before = read_versions(folder)["earlier"][0]
    assert read_by_library(folder, "one", before) == [(1, "a")]
    assert read_by_library(folder, "gone", before) == [(1,)]
    export(run(tmp_path, one="select 2.5::double as n, true as is_new"), to, folder)
    assert not (folder / "gone").exists()


@pytest.mark.parametrize("to", FORMATS)
def test_personal_columns_stay_at_home(tmp_path, to):
    done = export(run(tmp_path, one="select 1 as n, 'a@b.c' as email"), to, tmp_path / "out")
    assert done.left_out == ["email"]
    assert read_by_library(tmp_path / "out", "one") == [(1,)]
    assert not any(b"a@b.c" in path.read_bytes() for path in (tmp_path / "out/one").rglob("*") if path.is_file())
    export(run(tmp_path, personal=True, one="select 1 as n, 'a@b.c' as email"), to, tmp_path / "out")
    assert read_by_library(tmp_path / "out", "one") == [(1, "a@b.c")]


KILLED = """
import os, signal, sys
from pathlib import Path
from publish.open_formats.test_open_formats import export, run
from patron.publish.open_formats import delta, iceberg
kind = {"delta": delta.DeltaTables, "iceberg": iceberg.IcebergTables}[sys.argv[2]]
write, count = kind.write, 0
def write_some(self, *arguments):
    global count
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, *arguments)
kind.write = write_some
root = Path(sys.argv[1])
export(run(root, **{f"t{at}": "select 2 as n" for at in range(4)}), sys.argv[2], root / "out")
"""


@pytest.mark.parametrize("to", FORMATS)
def test_a_killed_export_leaves_the_old_version_of_all_tables(tmp_path, to):
    folder, tables = tmp_path / "out", [f"t{at}" for at in range(4)]
    export(run(tmp_path, **dict.fromkeys(tables, "select 1 as n")), to, folder)
    before = read_versions(folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), to],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert read_versions(folder) == before
    assert [read_by_library(folder, table) for table in tables] == [[(1,)]] * 4
    export(run(tmp_path, **dict.fromkeys(tables, "select 2 as n")), to, folder)
    assert [read_by_library(folder, table) for table in tables] == [[(2,)]] * 4
    assert {len(list((folder / table).rglob("*.parquet"))) for table in tables} == {2}  # and nothing of the killed one


@pytest.mark.parametrize("to", FORMATS)
def test_a_first_export_that_was_killed_is_taken_up_again(tmp_path, to):
    subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), to],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    export(run(tmp_path, t0="select 3 as n"), to, tmp_path / "out")
    assert read_by_library(tmp_path / "out", "t0") == [(3,)]


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(SettingsError, match="patron did not write it"):
        export(run(tmp_path, one="select 1 as n"), "delta", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_folder_of_the_other_format_is_refused(tmp_path):
    project = run(tmp_path, one="select 1 as n")
    export(project, "delta", tmp_path / "out")
    with pytest.raises(SettingsError, match="holds delta tables"):
        export(project, "iceberg", tmp_path / "out")


def test_one_export_at_a_time(tmp_path):
    from filelock import FileLock

    project = run(tmp_path, one="select 1 as n")
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out/.patron-export.lock"), pytest.raises(LockedError):
        export(project, "delta", tmp_path / "out")


def test_before_the_first_run_there_is_nothing_to_export(tmp_path):
    project = run(tmp_path, one="select 1 as n")
    (project.published / "current.json").unlink()
    with pytest.raises(NothingBuiltError):
        export(project, "delta", tmp_path / "out")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (ExportRequest("delta"), "none is named"),
        (ExportRequest("postgres://nobody@localhost/none", folder="out"), "no folder"),
    ],
)
def test_a_folder_is_for_files_only(tmp_path, request_, said):
    with pytest.raises(SettingsError, match=said):
        export_gold(run(tmp_path, one="select 1 as n"), request_)
