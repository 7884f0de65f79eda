"""Spark's master and workers as processes of their own: what a cluster makes, and what a run says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from engines.shop_files import copy_shop
from engines.spark_cluster import Cluster, find_free_port, running_cluster
from patron.engines.spark import cluster as spark_cluster
from patron.engines.spark import session as spark_session
from patron.engines.spark.engine import SparkWarehouse
from patron.errors import EngineError
from patron.project.project import FILE_NAME, Project

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def cluster(spark_ready, tmp_path_factory):
    with running_cluster(tmp_path_factory.mktemp("cluster"), workers=1, memory="600m") as started:
        yield started
        spark_session.stop()


def open_on(folder: Path, master: str, **more: object) -> SparkWarehouse:
    root = copy_shop(folder, "spark")
    path = root / FILE_NAME
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["warehouse"] = {"engine": "spark", "master": master, "executor_memory": "512MB", **more}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return SparkWarehouse(Project.load(root))


def double(rows: pa.Table) -> pa.Table:
    return pa.table({"twice": [2 * row["n"] for row in rows.to_pylist()]})


def test_workers_write_publish_and_run_python(cluster: Cluster, tmp_path: Path) -> None:
    warehouse = open_on(tmp_path / "shop", cluster.master, shuffle_partitions=2)
    warehouse.make_table("gold", "numbers", "select id as n, id % 3 as kind from range(100)")
    columns = pa.schema([("twice", pa.int64())])
    assert warehouse.write_each("gold", "twice", "select n from gold.numbers where n < 10", double, columns) == 10
    assert warehouse.query("select sum(twice) as total from gold.twice").to_pylist() == [{"total": 90}]
    assert warehouse.export("gold", ["numbers", "twice"], tmp_path) == {"numbers": 100, "twice": 10}
    batches = list(warehouse.batches("select n from gold.numbers order by n", 30))
    assert [n for rows in batches for n in rows.column("n").to_pylist()] == list(range(100))
    assert max(rows.num_rows for rows in batches) <= 30
    assert spark_cluster.count_workers(spark_session.running(warehouse.folder)) == 1


@pytest.mark.soak
def test_a_worker_without_patron_is_named(cluster: Cluster, tmp_path: Path, monkeypatch) -> None:
    warehouse = open_on(tmp_path / "shop", cluster.master)
    monkeypatch.setattr(spark_cluster, "WORKER_SECONDS", 60.0)

    def import_what_is_not_there(rows: pa.Table) -> pa.Table:
        import patron_that_is_not_there  # noqa: F401

        return rows

    with pytest.raises(EngineError, match="no module 'patron_that_is_not_there'") as caught:
        warehouse.write_each("gold", "t", "select 1 as n", import_what_is_not_there, pa.schema([("n", pa.int32())]))
    assert "PYSPARK_PYTHON" in str(caught.value.do)


def test_a_run_waits_for_workers_as_long_as_it_says(cluster: Cluster, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(spark_cluster, "WORKER_SECONDS", 2.0)
    warehouse = open_on(tmp_path / "shop", cluster.master, executor_memory="64GB")
    with pytest.raises(EngineError, match="No worker of the cluster has room") as caught:
        warehouse.query("select 1")
    assert f"start-worker.sh {cluster.master}" in str(caught.value.do)
    assert spark_session.running(warehouse.folder) is None


@pytest.mark.soak
def test_workers_that_all_go_end_the_run(cluster: Cluster, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(spark_cluster, "WORKER_SECONDS", 60.0)
    warehouse = open_on(tmp_path / "shop", cluster.master)
    warehouse.query("select count(*) from range(10)")
    monkeypatch.setattr(spark_cluster, "WORKER_SECONDS", 1.0)
    cluster.kill(0)
    with pytest.raises(EngineError, match="No worker of the cluster has room"):
        warehouse.query("select count(*) from range(1000000000) where id % 3 = 1")


def test_a_master_that_is_not_there_is_named(spark_ready, tmp_path: Path) -> None:
    master = f"spark://127.0.0.1:{find_free_port()}"
    with pytest.raises(EngineError, match="master does not answer") as caught:
        open_on(tmp_path / "shop", master).query("select 1")
    assert caught.value.where == master
    assert "start-master.sh" in str(caught.value.do)


@pytest.mark.soak
def test_a_master_that_asks_for_a_secret(spark_ready, tmp_path: Path, monkeypatch) -> None:
    """Without it, Spark asks three times in a minute, and gives up; with it, the cluster works."""
    with running_cluster(tmp_path / "cluster", workers=1, memory="600m", secret="open sesame") as cluster:
        warehouse = open_on(tmp_path / "shop", cluster.master)
        with pytest.raises(EngineError, match="does not let us in") as caught:
            warehouse.query("select 1")
        assert "PATRON_SPARK_SECRET" in str(caught.value.do)
