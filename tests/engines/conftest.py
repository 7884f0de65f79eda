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
from patron.engines.dialects import find_dialect
from patron.engines.engine import Warehouse
from patron.errors import EngineError
from patron.lake import Lake
from patron.pipeline.build import Builder
from patron.pipeline.render_project import render_project
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.project.project import Project
from patron.transform.compile.compile_project import compile_project
from patron.transform.fingerprint import resolve_as_of
from patron.transform.graph import with_ancestors
from patron.transform.render.source_schema import read_bronze_schemas
from patron.transform.state import BuildRecord

HERE = Path(__file__).parent
JAVA_FOR_A_SHORT_LIFE = (
    "-XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
"""Minutes, most of them planning: all of the compiler is worth it, and looking at Spark's own classes is not."""

ENGINES = ("duckdb", "spark")
ALSO_BUILT = ("quarantined_rows", "row_accounting", "product_price_behaviour")
"""Models that tests look into, beside those."""


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


@pytest.fixture(scope="session")
def built_where_sql_differs(spark_ready, tmp_path_factory) -> dict[str, BuiltModels]:
    """Engine -> the corner shop, with the models below gold whose SQL differs between the engines, and what they read."""
    projects = {
        engine: Project.load(copy_shop(tmp_path_factory.mktemp("shops") / engine, engine)) for engine in ENGINES
    }
    builds = {engine: ModelBuild(project) for engine, project in projects.items()}
    one, other = ({node.name: node for node in build.nodes if node.kind != "test"} for build in builds.values())
    differ = [name for name in one if one[name].code != other[name].code and one[name].schema != "gold"]
    names = with_ancestors(one.values(), [*differ, *ALSO_BUILT])
    return {engine: build.make(names) for engine, build in builds.items()}


@dataclass
class BuiltModels:
    """Some models of the shop on one engine. tables: their names, with the schema."""

    warehouse: Warehouse
    tables: list[str]


class ModelBuild:
    """Lands and compiles a project, to build some of its models without their data tests and without publishing."""

    def __init__(self, project: Project) -> None:
        self.project, self.lake, self.warehouse = project, Lake(project.lake), open_warehouse(project)
        for source in project.settings.sources:
            project.connector(source).land(self.lake)
        schemas = read_bronze_schemas(project, self.lake)
        rendered = render_project(project, schemas, self.warehouse, resolve_as_of(project))
        self.builder = Builder(project, self.lake, self.warehouse, BuildRecord(project.built), run_tests=False)
        self.builder.expose(rendered.as_of)
        self.plan = self.builder.plan(rendered)
        self.nodes = compile_project(rendered.read_files(), find_dialect(self.warehouse.dialect))

    def make(self, names: set[str]) -> BuiltModels:
        built = self.builder.build(self.plan, " ".join(sorted(names)), lambda *_: None)
        return BuiltModels(self.warehouse, sorted(f"{node.schema}.{node.name}" for node in built))
