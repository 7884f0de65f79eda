"""The three warehouses in the cloud, as far as they can be had: fakesnow, a fake REST API, a fake connector."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from engines.clouds import fake_bigquery, fakesnow_server
from engines.clouds.fake_databricks import FakeDatabricks
from patron.engines.clouds.client import CloudClient
from patron.engines.clouds.environment import Account
from patron.engines.clouds.registry import CLOUDS

ALL = ("bigquery", "databricks", "snowflake")
DATABRICKS = {
    **{"PATRON_DATABRICKS_HOST": "shop.invalid", "PATRON_DATABRICKS_HTTP_PATH": "/sql/1.0/warehouses/0"},
    **{"PATRON_DATABRICKS_TOKEN": "none"},
}


def start(engine: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[[], CloudClient]:
    """Start a warehouse that is empty, and return how a reader connects; the environment leads patron to it."""
    if engine == "bigquery":
        pytest.importorskip("google.cloud.bigquery")
        _, environment = stack.enter_context(fake_bigquery.serve())
    elif engine == "databricks":
        fake, environment = FakeDatabricks(folder), DATABRICKS
        import_driver = Account.import_driver
        monkeypatch.setattr(
            Account,
            "import_driver",
            lambda self, name: fake if name == "databricks.sql" else import_driver(self, name),
        )
    else:
        environment = stack.enter_context(fakesnow_server.serve()) | {"PATRON_SNOWFLAKE_DATABASE": "SHOP"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return lambda: CLOUDS[engine](Account(engine, {}, "the test"))
