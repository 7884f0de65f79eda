"""The asset bundle of Databricks: what it names is there, and its notebook calls verbs that patron has."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pytest
import typer
import yaml

from patron.cli.app import app
from patron.examples.additions.write import fill_templates


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    return fill_templates("databricks", tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def bundle(files) -> dict:
    return yaml.safe_load(files["databricks.yml"])


def test_the_notebook_of_the_job_is_one_of_the_files(files, bundle):
    (task,) = bundle["resources"]["jobs"]["shop"]["tasks"]
    assert task["notebook_task"]["notebook_path"] in files
    assert files[task["notebook_task"]["notebook_path"]].startswith("# Databricks notebook source\n")
    clusters = {one["job_cluster_key"] for one in bundle["resources"]["jobs"]["shop"]["job_clusters"]}
    assert task["job_cluster_key"] in clusters


def test_every_variable_is_declared_and_used(files, bundle):
    used = set(re.findall(r"\$\{var\.(\w+)\}", files["databricks.yml"]))
    assert used == set(bundle["variables"])


def test_the_notebook_takes_what_the_job_gives(files, bundle):
    (task,) = bundle["resources"]["jobs"]["shop"]["tasks"]
    names = re.search(r"names = (\(.*\))", files["databricks/shop.py"])
    assert set(ast.literal_eval(names[1])) == set(task["notebook_task"]["base_parameters"])


def test_the_verbs_are_commands_with_these_options(bundle):
    commands = typer.main.get_command(app).commands
    for verb in bundle["variables"]["verbs"]["default"].split(";"):
        name, *words = shlex.split(verb)
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known
        assert "--project" in known


def test_no_state_and_no_secret_is_uploaded(bundle):
    assert {".patron/**", ".env", "dashboard-users.txt"} <= set(bundle["sync"]["exclude"])


def test_state_is_put_back_after_each_verb_that_succeeded(files, tmp_path, monkeypatch):
    """The notebook's own code, with a patron that counts its runs in its state and fails at `check`."""
    shop, volume = tmp_path / "files", tmp_path / "volume"
    shop.mkdir()
    volume.mkdir()
    (shop / "patron.yaml").write_text("shop: {name: S}")
    given = {"verbs": "run; check", "project": str(shop), "state": str(volume), "host": "https://h", "http_path": "p"}
    secrets = types.SimpleNamespace(get=lambda scope, key: f"{scope} {key}")
    widgets = types.SimpleNamespace(get=lambda name: {**given, "catalog": "main"}[name])
    dbutils = types.SimpleNamespace(
        widgets=widgets, secrets=secrets, library=types.SimpleNamespace(restartPython=lambda: None)
    )
    calls = []

    def call(command: list[str], env: dict[str, str], check: bool) -> None:
        state = Path(command[-1]) / ".patron"
        state.mkdir(exist_ok=True)
        count = state / "count"
        count.write_text(count.read_text() + "x" if count.exists() else "x")
        calls.append((command[3], count.read_text(), env["PATRON_DATABRICKS_TOKEN"], env["PATRON_DATABRICKS_HOST"]))
        if command[3] == "check":
            raise subprocess.CalledProcessError(5, command)

    monkeypatch.setattr(subprocess, "run", call)
    code = compile(files["databricks/shop.py"], "shop.py", "exec")
    for _ in range(2):
        with pytest.raises(subprocess.CalledProcessError):
            exec(code, {"dbutils": dbutils, "__name__": "notebook"})
    told = ("patron token", "h")
    assert calls == [("run", "x", *told), ("check", "xx", *told), ("run", "xx", *told), ("check", "xxx", *told)]


def test_the_bundle_fits_the_schema_of_databricks(files, tmp_path):
    """By the schema of Databricks' CLI (bundle/schema/jsonschema.json there), which PATRON_BUNDLE_SCHEMA names."""
    schema = os.environ.get("PATRON_BUNDLE_SCHEMA")
    if not schema:
        pytest.skip("name the schema of asset bundles in PATRON_BUNDLE_SCHEMA")
    assert json.loads(Path(schema).read_text())
    (tmp_path / "databricks.yml").write_text(files["databricks.yml"])
    command = [Path(sys.executable).with_name("check-jsonschema"), "--schemafile", schema, tmp_path / "databricks.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
