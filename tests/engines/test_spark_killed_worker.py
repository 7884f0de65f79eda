"""A shop on a master and two workers, one of which is killed in the middle: the run ends, with DuckDB's gold."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines.same_tables import differences
from engines.spark_cluster import Cluster, running_cluster
from patron.engines.spark import cluster as spark_cluster
from patron.engines.spark import session as spark_session
from patron.engines.spark.engine import SparkWarehouse
from patron.examples.scaffold import init
from patron.pipeline.progress import Stages
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.project.project import FILE_NAME, Project

pytestmark = [pytest.mark.spark, pytest.mark.soak, pytest.mark.timeout(7_200)]

KILLED_AFTER = 60
"""Models; some are in work then, on both workers."""


class KillAfter(Stages):
    """Kills a worker once so many models are built."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self.cluster, self.workers_at_kill = cluster, 0

    def steps(self, what: str, done: int, total: int) -> None:
        if done == KILLED_AFTER and not self.workers_at_kill:
            (session,) = spark_session._sessions.values()
            self.workers_at_kill = spark_cluster.count_workers(session)
            self.cluster.kill(0)


def build_on_both(folder: Path, cluster: Cluster, write: Callable[[Path], Path]) -> tuple[list[RunReport], KillAfter]:
    """Run the shop on DuckDB, and with the same models on the cluster."""
    on_duckdb = Project.load(write(folder / "duckdb"))
    reports = [run(on_duckdb)]
    root = write(folder / "spark")
    with (root / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(
            f"\nwarehouse: {{engine: spark, master: '{cluster.master}', memory_limit: 2GB, executor_memory: 1500MB}}\n"
        )
    project = Project.load(root)
    shutil.copytree(on_duckdb.models, project.models)
    killer = KillAfter(cluster)
    reports.append(run(project, stages=killer))
    (session,) = spark_session._sessions.values()
    assert (killer.workers_at_kill, spark_cluster.count_workers(session)) == (2, 1)
    return reports, killer


def compare(reports: list[RunReport], folder: Path) -> dict[str, list[str]]:
    """Table of gold -> how it differs, of those that do."""
    one, other = (folder / engine / ".patron" / "published" for engine in ("duckdb", "spark"))
    first, second = (report.snapshot for report in reports)
    assert first is not None and second is not None
    assert first.tables == second.tables and len(first.tables) > 60
    found = {}
    for table in first.tables:
        tables = (
            pq.read_table(place / snapshot.name / f"{table}.parquet")
            for place, snapshot in ((one, first), (other, second))
        )
        if unequal := differences(*tables, relative=1e-9):
            found[table] = unequal[:5]
    return found


@pytest.fixture
def collected(monkeypatch) -> dict[str, int]:
    """Statement -> the rows of it that this process held at once."""
    found: dict[str, int] = {}
    query = SparkWarehouse.query

    def spy(warehouse: SparkWarehouse, sql: str) -> pa.Table:
        rows = query(warehouse, sql)
        found[sql] = max(found.get(sql, 0), rows.num_rows)
        return rows

    monkeypatch.setattr(SparkWarehouse, "query", spy)
    return found


@pytest.fixture
def cluster(spark_ready, tmp_path):
    with running_cluster(tmp_path / "cluster", workers=2, memory="1600m") as started:
        yield started
        spark_session.stop()


def test_the_example_on_a_cluster_that_loses_a_worker(cluster: Cluster, tmp_path: Path, collected) -> None:
    reports, _ = build_on_both(tmp_path, cluster, lambda folder: init(folder, "online_retail"))
    print(sorted(((rows, sql[:300]) for sql, rows in collected.items()), reverse=True)[:12])
    print([report.seconds for report in reports])
    assert compare(reports, tmp_path) == {}


@pytest.mark.real_data
def test_online_retail_on_a_cluster_that_loses_a_worker(cluster: Cluster, tmp_path: Path, online_retail_days) -> None:
    files = online_retail_days[0].parent
    reports, _ = build_on_both(tmp_path, cluster, lambda folder: init(folder, "online_retail", files))
    assert compare(reports, tmp_path) == {}
    for report in reports:
        print({stage: round(seconds, 1) for stage, seconds in report.seconds.items()})
