"""`warehouse.master`: which settings it takes, what Spark is told, and what is said where Databricks is not there."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest
from pydantic import ValidationError

from patron.engines.spark import cluster, databricks
from patron.engines.spark.configuration import configure
from patron.errors import EngineError
from patron.project.settings import Warehouse

JARS = [Path("/jars/delta.jar"), Path("/jars/it's here/storage.jar")]


def configured(**settings: object) -> dict[str, str]:
    return configure(Path("/shop/.patron/spark"), Warehouse(engine="spark", **settings), JARS, "10.0.0.7")


@pytest.mark.parametrize("master", ["local", "local[*]", "local[4]", "spark://head:7077", "spark://a:1,b:2"])
def test_masters_that_are_taken(master: str) -> None:
    assert configured(master=master)["spark.master"] == master


@pytest.mark.parametrize(
    "master", ["yarn", "local[0]", "spark://head", "head:7077", "spark://head:7077/x", "Databricks"]
)
def test_masters_that_are_refused(master: str) -> None:
    with pytest.raises(ValidationError):
        Warehouse(engine="spark", master=master)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"master": "local[*]"}, "`master` is of Spark"),
        ({"engine": "spark", "executor_memory": "4GB"}, "`executor_memory` is of clusters"),
        ({"engine": "spark", "master": "local[2]", "executor_cores": 2}, "`executor_cores` is of clusters"),
        ({"engine": "spark", "master": "local[2]", "threads": 4}, "both say how many threads"),
        ({"engine": "spark", "master": "spark://a:1", "catalog": "shop"}, "`catalog` is of Databricks"),
        ({"engine": "spark", "master": "databricks"}, "needs `catalog`"),
    ],
)
def test_settings_without_effect_are_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Warehouse(**settings)


def test_this_machine_as_it_always_was() -> None:
    told = configured(threads=3, memory_limit="4GB")
    assert told["spark.master"] == "local[3]"
    assert told["spark.driver.memory"] == "4096m"
    assert told["spark.sql.shuffle.partitions"] == "4"
    assert "spark.jars" not in told


def test_what_a_cluster_is_told() -> None:
    told = configured(master="spark://head:7077", executor_memory="6GB", executor_cores=2, threads=16)
    assert told["spark.jars"] == "file:///jars/delta.jar,file:///jars/it%27s%20here/storage.jar"
    assert (told["spark.executor.memory"], told["spark.executor.cores"], told["spark.cores.max"]) == (
        "6144m",
        "2",
        "16",
    )
    assert told["spark.driver.host"] == "10.0.0.7"
    assert told["spark.sql.shuffle.partitions"] == "200"
    assert configured(master="spark://head:7077", shuffle_partitions=2000)["spark.sql.shuffle.partitions"] == "2000"
    assert told["spark.executor.extraJavaOptions"] == "-Duser.timezone=UTC"


def test_a_secret_goes_through_the_environment_and_not_on_a_command_line(monkeypatch) -> None:
    monkeypatch.setenv(cluster.PRESENTED, "open sesame")
    with cluster.present_secret() as told:
        assert "open sesame" not in str(told)
        assert told == {"spark.authenticate": "true"}
        assert cluster.os.environ["_SPARK_AUTH_SECRET"] == "open sesame"
    assert "_SPARK_AUTH_SECRET" not in cluster.os.environ
    monkeypatch.delenv(cluster.PRESENTED)
    with cluster.present_secret() as told:
        assert told == {}


@pytest.fixture
def outside(monkeypatch, tmp_path: Path) -> None:
    """A machine that is no Databricks job, without a credential, and with an empty home."""
    pytest.importorskip("pyspark")
    for name in ("DATABRICKS_RUNTIME_VERSION", "DATABRICKS_HOST", "DATABRICKS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", classmethod(lambda cls: None))


def with_databricks_connect(monkeypatch, session: object) -> None:
    """Put a stand-in for Databricks Connect where its import finds it. session: what it connects to, or an error."""

    class Builder:
        def getOrCreate(self) -> object:
            if isinstance(session, Exception):
                raise session
            return session

    module = types.ModuleType("databricks.connect")
    module.DatabricksSession = types.SimpleNamespace(builder=Builder())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "databricks.connect", module)


class Session:
    """As much of a session as connecting touches."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.conf = types.SimpleNamespace(set=lambda name, value: self.said.append(f"{name}={value}"))

    def sql(self, statement: str) -> None:
        self.said.append(statement)


def test_databricks_connect_that_is_missing(outside, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "databricks.connect", None)
    with pytest.raises(EngineError, match="Databricks Connect is not installed") as caught:
        databricks.connect("shop")
    assert "pip install patron databricks-connect" in str(caught.value.do)


def test_a_credential_that_is_missing(outside, monkeypatch) -> None:
    with_databricks_connect(monkeypatch, Session())
    with pytest.raises(EngineError, match="no credential for Databricks") as caught:
        databricks.connect("shop")
    assert "databricks auth login" in str(caught.value.do)


def test_a_workspace_that_does_not_answer(outside, monkeypatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "https://nowhere.example")
    with_databricks_connect(monkeypatch, ValueError("cannot configure default credentials\nand more"))
    with pytest.raises(EngineError, match="does not answer") as caught:
        databricks.connect("shop")
    assert caught.value.what == "Databricks does not answer: cannot configure default credentials"
    assert "databricks auth env" in str(caught.value.do)


def test_a_session_on_databricks_computes_as_ours_in_its_catalog(outside, monkeypatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "https://there.example")
    session = Session()
    with_databricks_connect(monkeypatch, session)
    assert databricks.connect("shop") is session
    assert "spark.sql.session.timeZone=UTC" in session.said
    assert session.said[-1] == "use catalog `shop`"


class Workers:
    """As much of a session as writes rows: on workers that see the driver's folder, or do not."""

    def __init__(self, sees: bool) -> None:
        self.sees, self.write = sees, self

    def range(self, rows: int) -> Workers:
        return self

    coalesce = range

    def parquet(self, address: str) -> None:
        folder = Path(address.removeprefix("file://"))
        folder.mkdir()
        (folder / "_SUCCESS").touch()
        if self.sees:
            (folder / "part-0.parquet").touch()


def test_a_folder_that_workers_do_not_share(tmp_path: Path) -> None:
    cluster.check_shared(Workers(sees=True), tmp_path)
    with pytest.raises(EngineError, match="do not write into the project's folder") as caught:
        cluster.check_shared(Workers(sees=False), tmp_path)
    assert "mount the project's folder" in str(caught.value.do)
    assert list(tmp_path.iterdir()) == []
