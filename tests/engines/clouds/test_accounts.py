"""What is missing is named, with the one command that mends it; secrets are read from the environment alone."""

from __future__ import annotations

import sys

import pytest
import yaml

from engines.clouds import clouds
from faults.projects import patron
from patron.engines.clouds.environment import Account
from patron.engines.clouds.registry import CLOUDS
from patron.errors import SettingsError
from patron.project.project import Project

DRIVERS = {
    "bigquery": "google.cloud.bigquery",
    "snowflake": "snowflake.connector",
    "databricks": "databricks.sql",
}
FIRST = {
    "bigquery": "export PATRON_BIGQUERY_PROJECT=my-project",
    "snowflake": "export PATRON_SNOWFLAKE_ACCOUNT=ORGANIZATION-ACCOUNT",
    "databricks": "export PATRON_DATABRICKS_HOST=adb-0000000000000000.0.azuredatabricks.net",
}


def connect(engine: str, **given: str) -> None:
    CLOUDS[engine](Account(engine, given, "warehouse.engine"))


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    for name in (*clouds.DATABRICKS, "PATRON_BIGQUERY_PROJECT", "PATRON_SNOWFLAKE_ACCOUNT", "BIGQUERY_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("engine", clouds.ALL)
def test_a_missing_driver_is_named_with_its_extra(engine, monkeypatch):
    monkeypatch.setitem(sys.modules, DRIVERS[engine], None)
    with pytest.raises(SettingsError) as caught:
        connect(engine)
    assert caught.value.do == f"pip install 'patron[{engine}]'"


@pytest.mark.parametrize("engine", clouds.ALL)
def test_a_missing_account_is_named_with_its_variable(engine):
    pytest.importorskip(DRIVERS[engine])
    with pytest.raises(SettingsError) as caught:
        connect(engine)
    assert caught.value.do == FIRST[engine]


def test_a_missing_secret_is_named_with_its_variable(monkeypatch):
    pytest.importorskip("snowflake.connector")
    with pytest.raises(SettingsError, match="PATRON_SNOWFLAKE_PASSWORD"):
        connect("snowflake", account="shop", user="patron")
    pytest.importorskip("databricks.sql")
    with pytest.raises(SettingsError, match="PATRON_DATABRICKS_TOKEN"):
        connect("databricks", host="shop.invalid", http_path="/sql")
    pytest.importorskip("google.cloud.bigquery")
    monkeypatch.setenv("PATRON_BIGQUERY_KEYFILE", "/nowhere/key.json")
    with pytest.raises(SettingsError, match="PATRON_BIGQUERY_KEYFILE names"):
        connect("bigquery", project="shop")


def test_hive_needs_a_volume_that_is_named():
    pytest.importorskip("databricks.sql")
    with pytest.raises(SettingsError) as caught:
        connect("databricks", catalog="hive_metastore")
    assert caught.value.do.startswith("export PATRON_DATABRICKS_VOLUME=")


def test_the_command_says_what_is_missing(contacts_shop, monkeypatch):
    pytest.importorskip("snowflake.connector")
    outcome = patron("publish", "--to", "snowflake", folder=contacts_shop.folder)
    assert outcome.code == 2
    assert FIRST["snowflake"] in outcome.err


@pytest.mark.parametrize(
    ("engine", "given"),
    [("bigquery", {"account": "shop"}), ("duckdb", {"project": "shop"}), ("snowflake", {"catalog": "main"})],
)
def test_a_key_of_another_engine_is_refused(tmp_path, engine, given):
    till = {"files": "*.csv", "entities": {"order_lines": {"columns": {"order_id": "a", "ordered_at": "b"}}}}
    settings = {"shop": {"name": "S"}, "warehouse": {"engine": engine, **given}, "sources": {"till": till}}
    (tmp_path / "patron.yaml").write_text(yaml.safe_dump(settings))
    with pytest.raises(SettingsError, match=f"{next(iter(given))} belongs to engine"):
        Project.load(tmp_path)
