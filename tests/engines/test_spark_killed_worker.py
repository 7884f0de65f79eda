"""A shop on a master and two workers, one of which is killed in the middle: the run ends, with DuckDB's tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engines.same_tables import differences
from engines.spark_cluster import Cluster, running_cluster
from patron.engines import open_warehouse
from patron.engines.spark import cluster as spark_cluster
from patron.engines.spark import session as spark_session
from patron.examples.scaffold import init
from patron.pipeline.progress import Stages
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.project.project import FILE_NAME, Project

pytestmark = [pytest.mark.spark, pytest.mark.soak, pytest.mark.timeout(7_200)]

SELECTED = "+customer_segments +daily_metrics"
COMPARED = (
    *("silver.order_lines", "measures.customer_days", "measures.customer_measures", "measures.customer_scores"),
    *("gold.customer_segments", "gold.daily_metrics"),
)
ON_CLUSTER = "engine: spark, memory_limit: 2GB, executor_memory: 1500MB, shuffle_partitions: 4"


class KillAfter(Stages):
    """Kills a worker once so many models are built; others are in work then, on both workers."""

    def __init__(self, cluster: Cluster, models: int) -> None:
        super().__init__()
        self.cluster, self.models, self.workers_at_kill = cluster, models, 0

    def steps(self, what: str, done: int, total: int) -> None:
        if done >= self.models and not self.workers_at_kill:
            self.workers_at_kill = count_workers()
            self.cluster.kill(0)


def count_workers() -> int:
    (session,) = spark_session._sessions.values()
    return spark_cluster.count_workers(session)


def build_on_both(
    folder: Path, cluster: Cluster, write: Callable[[Path], Path], *, killed_after: int, select: str | None = None
) -> list[tuple[Project, RunReport]]:
    """Run the shop on DuckDB, and with the same models on the cluster."""
    on_duckdb = Project.load(write(folder / "duckdb"))
    reports = [run(on_duckdb, select=select)]
    root = write(folder / "spark")
    with (root / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(f"\nwarehouse: {{master: '{cluster.master}', {ON_CLUSTER}}}\n")
    on_spark = Project.load(root)
    if on_duckdb.models.exists():
        shutil.copytree(on_duckdb.models, on_spark.models)
    killer = KillAfter(cluster, killed_after)
    reports.append(run(on_spark, select=select, stages=killer))
    assert (killer.workers_at_kill, count_workers()) == (2, 1)
    return list(zip((on_duckdb, on_spark), reports, strict=True))


@pytest.fixture
def cluster(spark_ready, tmp_path):
    with running_cluster(tmp_path / "cluster", workers=2, memory="1600m") as started:
        yield started
        spark_session.stop()


def test_models_on_a_cluster_that_loses_a_worker(cluster: Cluster, tmp_path: Path) -> None:
    built = build_on_both(
        tmp_path, cluster, lambda folder: init(folder, "online_retail"), killed_after=14, select=SELECTED
    )
    one, other = (open_warehouse(project) for project, _ in built)
    for table in COMPARED:
        tables = [warehouse.query(f"select * from {table}") for warehouse in (one, other)]
        assert tables[0].num_rows > 100
        assert differences(*tables, relative=1e-9) == [], table


@pytest.mark.real_data
def test_online_retail_on_a_cluster_that_loses_a_worker(cluster: Cluster, tmp_path: Path, online_retail_days) -> None:
    files = online_retail_days[0].parent
    built = build_on_both(tmp_path, cluster, lambda folder: init(folder, "online_retail", files), killed_after=60)
    (one, first), (other, second) = ((project, report.snapshot) for project, report in built)
    assert first is not None and second is not None
    assert first.tables == second.tables and len(first.tables) > 60
    for table in first.tables:
        places = (one.published / first.name, other.published / second.name)
        assert differences(*(pq.read_table(place / f"{table}.parquet") for place in places), relative=1e-9) == [], table
