"""Where a warehouse in the cloud is. Secrets are no settings: they are variables of the environment."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from patron.project.settings.base import Settings

_NAMES = {
    "bigquery": ("project", "location"),
    "snowflake": ("account", "user", "role", "warehouse", "database"),
    "databricks": ("host", "http_path", "catalog", "volume"),
}

_ALSO = {"spark": ("catalog",)}
"""What other engines know, too: Spark on Databricks has a catalog."""


class CloudAccount(Settings):
    """The keys of an account. What is left away is in the environment, as PATRON_<ENGINE>_<KEY>."""

    project: str | None = Field(None, description="BigQuery: the project, whose datasets are patron's schemas.")
    location: str | None = Field(None, description="BigQuery: where new datasets lie, such as EU.")
    account: str | None = Field(None, description="Snowflake: the account, such as ORGANIZATION-ACCOUNT.")
    user: str | None = Field(None, description="Snowflake: who signs in.")
    role: str | None = Field(None, description="Snowflake: the role; the user's own, if unset.")
    warehouse: str | None = Field(None, description="Snowflake: the virtual warehouse; the user's own, if unset.")
    database: str | None = Field(None, description="Snowflake: the database, created if it does not exist.")
    host: str | None = Field(None, description="Databricks: the host of the workspace.")
    http_path: str | None = Field(None, description="Databricks: the path of the SQL warehouse or cluster.")
    catalog: str | None = Field(None, description="Databricks: a catalog of Unity Catalog, or hive_metastore.")
    volume: str | None = Field(None, description="Databricks: the volume for files, such as /Volumes/main/x/loading.")

    @model_validator(mode="after")
    def _belongs_to_the_engine(self) -> Self:
        """Refuse keys of an engine that is not used."""
        engine = getattr(self, "engine", "duckdb")
        for owner, names in _NAMES.items():
            given = [name for name in names if getattr(self, name) is not None and name not in _ALSO.get(engine, ())]
            if given and owner != engine:
                raise ValueError(f"the key {given[0]} belongs to engine: {owner}, and the engine is {engine}")
        return self

    def account_values(self) -> dict[str, Any]:
        """Return the values of the account that are given."""
        names = [name for own in _NAMES.values() for name in own]
        return {name: value for name in names if (value := getattr(self, name)) is not None}
