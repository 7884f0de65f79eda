"""The clients of warehouses in the cloud, by the name of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from patron.engines.clouds.environment import Account

if TYPE_CHECKING:
    from patron.engines.clouds.client import CloudClient


def _connect_bigquery(account: Account) -> CloudClient:
    from patron.engines.bigquery.client import BigQueryClient

    return BigQueryClient(account)


def _connect_snowflake(account: Account) -> CloudClient:
    from patron.engines.snowflake.client import SnowflakeClient

    return SnowflakeClient(account)


def _connect_databricks(account: Account) -> CloudClient:
    from patron.engines.databricks.client import DatabricksClient

    return DatabricksClient(account)


CLOUDS: Mapping[str, Callable[[Account], CloudClient]] = {
    "bigquery": _connect_bigquery,
    "snowflake": _connect_snowflake,
    "databricks": _connect_databricks,
}
"""Open a session. Each raises SettingsError if a driver or a value is missing, EngineError if it is refused."""
