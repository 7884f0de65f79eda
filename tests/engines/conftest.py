"""The corner shop built on DuckDB and on Spark, once for all tests here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engines.shop_files import copy_shop
from patron.engines import open_warehouse
from patron.engines.engine import Warehouse
from patron.errors import EngineError
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.project.project import Project

HERE = Path(__file__).parent
JAVA_FOR_A_SHORT_LIFE = (
    "-XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
"""Minutes, most of them planning: all of the compiler is worth it, and looking at Spark's own classes is not."""

ENGINES = ("duckdb", "spark")


@dataclass
class Built:
    """The shop on one engine."""

    project: Project
    report: RunReport
    warehouse: Warehouse


@pytest.fixture(scope="session")
def spark_ready() -> Iterator[None]:
    """Skips, saying why, where Java or the jars are missing; else Java starts as suits a small shop."""
    pytest.importorskip("pyspark", reason="the extra spark is not installed")
    from patron.engines.spark import jars as spark_jars
    from patron.engines.spark import session as spark_session

    if shutil.which("java") is None:
        pytest.skip("no Java")
    try:
        spark_jars.find_delta_jars()
    except EngineError as error:
        pytest.skip(str(error))
    ours = {"JAVA_TOOL_OPTIONS": JAVA_FOR_A_SHORT_LIFE, "SPARK_CONF_DIR": str(HERE / "spark_conf")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ours.items():
            patch.setenv(name, os.environ.get(name, value))
        yield
        spark_session.stop()


@pytest.fixture(scope="session")
def built(spark_ready, tmp_path_factory) -> dict[str, Built]:
    """Engine -> the shop on it."""
    shops = {}
    for engine in ENGINES:
        project = Project.load(copy_shop(tmp_path_factory.mktemp("shops") / engine, engine))
        shops[engine] = Built(project, run(project), open_warehouse(project))
    return shops
