"""Databricks: the session of the job that we run in, or one through Databricks Connect. patron starts no cluster."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from patron.engines.spark.configuration import OF_VALUES
from patron.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_IN_A_JOB = "DATABRICKS_RUNTIME_VERSION"
_PROFILES = "DATABRICKS_CONFIG_FILE"
_WHERE = "warehouse.master: databricks"


def connect(catalog: str) -> SparkSession:
    """Return the session, which uses the catalog and computes the values that ours do. Raises EngineError."""
    from pyspark.errors import PySparkException

    spark = _find_session()
    try:
        for name, value in OF_VALUES.items():
            spark.conf.set(name, value)
        spark.sql(f"use catalog `{catalog}`")
    except PySparkException as error:
        do = f"create it: create catalog {catalog}; it must hold nothing but patron's schemas"
        raise EngineError(f"The catalog cannot be used: {_first_line(error)}", where=_WHERE, do=do) from error
    return spark


def _find_session() -> SparkSession:
    from pyspark.sql import SparkSession

    active: SparkSession | None = SparkSession.getActiveSession()
    if active is not None:
        return active
    if os.environ.get(_IN_A_JOB):
        return SparkSession.builder.getOrCreate()
    return _connect_from_outside()


def _connect_from_outside() -> SparkSession:
    try:
        from databricks.connect import DatabricksSession
    except ImportError as error:
        do = (
            "install it in an environment of its own, since it replaces pyspark: "
            "pip install patron databricks-connect; or run patron in a job on Databricks, which needs neither"
        )
        raise EngineError("Databricks Connect is not installed.", where=_WHERE, do=do) from error
    if not _has_credential():
        do = "sign in: databricks auth login --host https://...; or set DATABRICKS_HOST and DATABRICKS_TOKEN"
        raise EngineError("There is no credential for Databricks.", where=_WHERE, do=do)
    try:
        session: SparkSession = DatabricksSession.builder.getOrCreate()
    except Exception as error:  # of its own kinds, which differ between versions
        do = "check the workspace, the credential and the cluster: databricks auth env"
        raise EngineError(f"Databricks does not answer: {_first_line(error)}", where=_WHERE, do=do) from error
    return session


def _has_credential() -> bool:
    profiles = Path(os.environ.get(_PROFILES) or Path.home() / ".databrickscfg")
    return bool(os.environ.get("DATABRICKS_HOST")) or profiles.is_file()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
