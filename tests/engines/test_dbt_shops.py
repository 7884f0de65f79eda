"""dbt's own commands on the rendered project of every shipped shop, and its compilation for warehouses in the cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engines.dbt_command import dbt, list_modified, read_artifact
from patron.engines.clouds.profiles import OTHER_ENGINES
from patron.pipeline.dbt import write_for_engine
from patron.project.project import Project

SHOPS = ("cafe", "customer360", "food_delivery", "instacart", "online_retail")
pytestmark = pytest.mark.soak

MAKE_KEY = """
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
print(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode())
"""
"""By the Python of the adapters, which brings what it needs."""


@pytest.fixture(scope="module", params=SHOPS)
def shop(request, example, tmp_path_factory) -> Path:
    """A copy of a shipped shop that patron has run."""
    folder = tmp_path_factory.mktemp(request.param) / "shop"
    ignored = shutil.ignore_patterns("published", "target", "spill*")
    return Path(shutil.copytree(example(request.param).folder, folder, ignore=ignored))


def test_every_command_of_dbt_works(shop, tmp_path):
    project = Project.load(shop).dbt
    assert "ERROR=0" in dbt(project, "build")
    assert {one["status"] for one in read_artifact(project, "run_results")["results"]} <= {"success", "pass", "no-op"}
    assert "ERROR=0" in dbt(project, "test")
    dbt(project, "source", "freshness")
    assert {one["status"] for one in read_artifact(project, "sources")["results"]} <= {"pass", "warn"}
    dbt(project, "docs", "generate")
    assert len(read_artifact(project, "catalog")["nodes"]) > 120
    shutil.copy(project / "target/manifest.json", tmp_path)
    assert list_modified(project, tmp_path) == set()
    model = project / "models/silver/order_lines.sql"
    model.write_text(model.read_text() + "\n-- changed\n")
    assert {"order_lines", "customer_totals", "customer_360"} <= list_modified(project, tmp_path)


@pytest.fixture(scope="session")
def cloud_python() -> str:
    """A Python with the three adapters: PATRON_DBT_PYTHON, or this one."""
    python = os.environ.get("PATRON_DBT_PYTHON", sys.executable)
    modules = ", ".join(f"dbt.adapters.{engine}" for engine in OTHER_ENGINES)
    if subprocess.run([python, "-c", f"import {modules}"], capture_output=True, check=False).returncode:
        pytest.skip("no adapters; install patron[bigquery,snowflake,databricks], or name a Python in PATRON_DBT_PYTHON")
    return python


@pytest.fixture(scope="session")
def nobody(cloud_python, tmp_path_factory) -> dict[str, str]:
    """Accounts of nobody: the adapters want them whole, and compiling calls none."""
    made = subprocess.run([cloud_python, "-c", MAKE_KEY], capture_output=True, text=True, check=True).stdout
    key = {
        **{"type": "service_account", "project_id": "shop", "private_key_id": "0", "client_id": "1"},
        **{"private_key": made, "client_email": "nobody@shop.iam.gserviceaccount.com"},
        **{"auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token"},
    }
    path = tmp_path_factory.mktemp("key") / "key.json"
    path.write_text(json.dumps(key))
    values = {
        "BIGQUERY": {"METHOD": "service-account", "KEYFILE": str(path), "PROJECT": "shop"},
        "SNOWFLAKE": {"ACCOUNT": "shop", "USER": "nobody", "PASSWORD": "none", "DATABASE": "shop"},
        "DATABRICKS": {"HOST": "shop.invalid", "HTTP_PATH": "/sql/1.0/warehouses/0", "TOKEN": "none"},
    }
    return {f"PATRON_{engine}_{name}": value for engine, own in values.items() for name, value in own.items()}


@pytest.mark.parametrize("engine", OTHER_ENGINES)
def test_the_project_compiles_for_the_cloud(shop, engine, cloud_python, nobody):
    folder = write_for_engine(Project.load(shop), engine)
    dbt(folder, "compile", "--no-introspect", "--no-populate-cache", "--quiet", python=cloud_python, **nobody)
    compiled = list((folder / "target/compiled/patron/models").rglob("*.sql"))
    assert len([path for path in compiled if path.parent.suffix != ".yml"]) > 130
