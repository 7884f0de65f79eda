"""patron compiles a rendered project as dbt does, and selects models as dbt does; dbt runs in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from engines.projects import all_projects
from patron.engines.dialects import find_dialect
from patron.engines.duckdb import DuckDBWarehouse
from patron.engines.spark.engine import SparkWarehouse
from patron.transform.compile.compile_project import INCREMENTAL_PLAN, compile_project
from patron.transform.graph import select_nodes
from patron.transform.node import Node
from patron.transform.render.dbt_project import render_project_files

PROJECTS = all_projects()
OFTEN = (("nasty", "duckdb"), ("everything", "spark"))
"""Together they have every model, test and branch; the rest, seconds of dbt each, is for the long runs."""

SELECTED = ("everything", "spark")
SELECTIONS = [
    "customer_360",
    "+customer_360",
    "customer_360+",
    "+customer_churn+",
    "1+customer_360",
    "order_lines+1",
    "+attribution_agrees",
    "customer_360 dim_date+",
    "customer_*",
    "gold",
    "gold.customers",
    "patron.silver",
    "models/gold/customers",
    "models/gold/customers/",
    "models/silver/order_lines.sql",
    "path:models/gold/sales",
    "tag:public",
    "tag:pub*,gold.customers",
    "+gold,measures",
    "source:bronze.till+1",
    "source:predictions+",
    "countries+",
    "attribution_agrees",
    "no_such_model",
]
"""Ways to select models, tried on one project."""

PAIRS = [
    pytest.param(*pair, marks=() if pair in OFTEN else pytest.mark.soak)
    for pair in ((project, dialect) for project in PROJECTS for dialect in ("duckdb", "spark"))
]

ASK_DBT = """
import json, os, sys
from dbt.cli.main import dbtRunner
folder, plan, selections = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
common = ["--project-dir", folder, "--profiles-dir", folder, "--quiet", "--no-write-json"]
parsed = dbtRunner().invoke(["parse", *common]).result
def invoke(*words):
    done = dbtRunner(manifest=parsed).invoke([*words, *common])
    if done.exception: raise done.exception
    return done.result
def compile():
    return [{
        "name": run.node.name, "kind": str(run.node.resource_type), "file": run.node.original_file_path,
        "code": getattr(run.node, "compiled_code", None) or "", "schema": run.node.schema,
        "depends": list(getattr(run.node, "depends_on_nodes", ())), "attached": getattr(run.node, "attached_node", None) or "",
        "materialized": run.node.config.materialized, "meta": dict(run.node.config.meta or {}),
        "types": dict(getattr(run.node.config, "column_types", None) or {}), "tags": list(run.node.tags),
        "failed": str(run.status) == "error" and run.message,
    } for run in invoke("compile", "--no-introspect", "--no-populate-cache").results
    if str(run.node.resource_type) != "operation"]
listed = {select: invoke("list", "--select", *select.split(), "--output", "name", "--resource-types", "all") for select in selections}
full = compile()
os.environ["PATRON_REFRESH"] = plan
open(sys.argv[4], "w").write(json.dumps({"full": full, "incremental": compile(), "listed": listed}))
"""
"""dbt parses for seconds, so it answers everything about a project at once."""


@dataclass
class Written:
    """A project that is written for dbt, and what patron compiles of it."""

    folder: Path
    nodes: list[Node]
    selections: list[str]

    @cached_property
    def dbt(self) -> dict[str, Any]:
        """What dbt makes of it: its nodes compiled in full and by a plan, and what it lists for each selection."""
        answer = self.folder / "answer.json"
        arguments = (str(self.folder), INCREMENTAL_PLAN, json.dumps(self.selections), str(answer))
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        environment.pop("PATRON_REFRESH", None)
        command = [sys.executable, "-c", ASK_DBT, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(answer.read_text())


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    @cache
    def written(project: str, dialect: str) -> Written:
        made, shapes, as_of = PROJECTS[project]
        folder = tmp_path_factory.mktemp("project")
        warehouse = {"duckdb": DuckDBWarehouse, "spark": SparkWarehouse}[dialect](made)
        files = render_project_files(made, shapes, dialect, warehouse.dbt_profile(), as_of)
        files["dbt_project.yml"] = files["dbt_project.yml"].replace("+schema: gold,", "+schema: gold, +tags: [public],")
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        nodes = compile_project(files, find_dialect(dialect))
        return Written(folder, nodes, SELECTIONS if (project, dialect) == SELECTED else [])

    return written


def convert_dbt_node(node: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What can be compared of a node, from dbt's answer."""
    depends = [other.split(".") for other in node["depends"]]
    code = (folder / node["file"]).read_text() if node["kind"] == "seed" else node["code"]
    return {
        "code": plain(code),
        "parents": {other[-1] for other in depends if other[0] != "source"},
        "sources": {".".join(other[-2:]) for other in depends if other[0] == "source"},
        "materialized": node["materialized"],
        "schema": node["schema"] if node["kind"] != "test" else "",
        "refreshed_by": tuple(node["meta"].get("refreshed_by") or ()),
        "follows": node["meta"].get("follows") or "",
        "keeps_removed": bool(node["meta"].get("keeps_removed")),
        "day": node["meta"].get("day") or "",
        "rules_of": node["attached"].split(".")[-1],
        "column_types": node["types"],
        "tags": tuple(node["tags"]),
    }


def as_patron_says(node: Node) -> dict[str, Any]:
    own = (
        "materialized",
        "schema",
        "refreshed_by",
        "follows",
        "keeps_removed",
        "rules_of",
        "column_types",
        "tags",
        "day",
    )
    return {
        "code": plain(node.code),
        "parents": set(node.parents),
        "sources": set(node.sources),
        **{name: getattr(node, name) for name in own},
    }


def plain(code: str) -> str:
    """dbt for DuckDB names relations with the warehouse, in quotes; dbt keeps blank lines of what renders to nothing."""
    return re.sub(r'"warehouse"\."(\w+)"\."(\w+)"', r"\1.\2", code).strip()


def by_key(nodes: Iterable[tuple[str, dict[str, Any]]]) -> dict[tuple[str, int], dict[str, Any]]:
    """By what both call a node. dbt writes a test's arguments into its name, so those of a model are counted instead."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    seen = Counter[str]()
    for name, node in sorted(nodes, key=lambda one: (one[0], one[1]["code"])):
        key = f"test of {node['rules_of']}" if node["rules_of"] else name
        seen[key] += 1
        found[key, seen[key]] = node
    return found


@pytest.mark.parametrize(("project", "dialect"), PAIRS)
def test_every_node_is_what_dbt_compiles(write, project, dialect):
    written = write(project, dialect)
    answer = written.dbt["full"]
    assert [node["name"] for node in answer if node["failed"]] == []
    theirs = by_key((node["name"], convert_dbt_node(node, written.folder)) for node in answer)
    ours = by_key((node.name, as_patron_says(node)) for node in written.nodes)
    assert len(ours) == len(written.nodes)
    assert ours.keys() == theirs.keys()
    assert {key: own for key, own in ours.items() if own != theirs[key]} == {}


@pytest.mark.parametrize(("project", "dialect"), PAIRS)
def test_incremental_sql_is_what_dbt_compiles_with_the_plan(write, project, dialect):
    written = write(project, dialect)
    answer = written.dbt["incremental"]
    theirs = by_key((node["name"], convert_dbt_node(node, written.folder)) for node in answer)
    nodes = [replace(node, code=node.incremental or node.code) for node in written.nodes]
    ours = by_key((node.name, as_patron_says(node)) for node in nodes)
    assert sum(bool(node.incremental) for node in written.nodes) > 30
    assert {key: own["code"] for key, own in ours.items()} == {key: node["code"] for key, node in theirs.items()}


def test_a_selection_is_what_dbt_selects(write):
    written = write(*SELECTED)
    assert written.dbt["listed"].keys() == set(SELECTIONS)
    for select, theirs in written.dbt["listed"].items():
        models = {node.name for node in written.nodes}
        ours = {_model_of(name, models) for name in select_nodes(written.nodes, select)}
        assert ours == {_model_of(name, models) for name in theirs or ()} - {None}, select


def _model_of(name: str, models: set[str]) -> str | None:
    """dbt writes a test's arguments behind the name of its model, and lists sources, too."""
    if not name.startswith("holds_"):
        return name if name in models else None
    named = name.removeprefix("holds_")
    return "test of " + max((model for model in models if named == model or named.startswith(f"{model}_")), key=len)
