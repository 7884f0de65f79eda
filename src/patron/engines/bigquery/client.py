"""A project of BigQuery, by Google's Python client. Its datasets are the schemas."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from patron.engines.clouds.client import CloudClient, lower_names
from patron.engines.clouds.environment import Account
from patron.errors import SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

_NUMERIC_PLACES, _NUMERIC_WHOLE_DIGITS = 9, 29


class BigQueryClient(CloudClient):
    """Signs in with the key file of a service account (PATRON_BIGQUERY_KEYFILE), or as the machine is signed in."""

    engine: ClassVar[str] = "bigquery"
    types: ClassVar[Mapping[str, str]] = {
        **{"boolean": "bool", "whole": "int64", "double": "float64", "date": "date", "text": "string"},
        **{"time": "datetime", "instant": "timestamp"},
    }

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._driver: Any = account.import_driver("google.cloud.bigquery")
        auth: Any = account.import_driver("google.auth.exceptions")
        core: Any = account.import_driver("google.api_core.exceptions")
        self._errors = (core.GoogleAPIError, auth.GoogleAuthError, OSError)
        self.project = account.need("project", "my-project")
        self.location = account.find("location", "EU")
        self._dataset: str | None = None
        credentials = _find_credentials(account)
        with self.explain(account.where, self._errors):
            self._client = self._driver.Client(self.project, credentials=credentials, location=self.location)

    def use_schema(self, schema: str) -> None:
        self._dataset = f"{self.project}.{schema}"

    def _run(self, sql: str) -> Any:
        config = self._driver.QueryJobConfig(default_dataset=self._dataset)
        return self._client.query(sql, job_config=config).result()

    def execute(self, sql: str) -> None:
        with self.explain(sql, self._errors):
            self._run(sql)

    def query(self, sql: str) -> pa.Table:
        """Rows come by the REST API: the faster Storage API needs a right of its own."""
        with self.explain(sql, self._errors):
            return lower_names(self._run(sql).to_arrow(create_bqstorage_client=False))

    def load(self, schema: str, table: str, file: Path) -> None:
        """One load job, whose rows appear at once."""
        name = f"{self.project}.{schema}.{table}"
        with self.explain(f"loading {name}", self._errors), file.open("rb") as content:
            config = self._driver.LoadJobConfig(
                source_format="PARQUET",
                schema=self._client.get_table(name).schema,
                create_disposition="CREATE_NEVER",
                write_disposition="WRITE_APPEND",
            )
            self._client.load_table_from_file(content, name, job_config=config).result()

    def list_tables(self, schema: str) -> set[str]:
        return set(self.query(f"select table_name as name from {schema}.INFORMATION_SCHEMA.TABLES")["name"].to_pylist())

    def close(self) -> None:
        self._client.close()

    def create_schema(self, schema: str) -> None:
        self.execute(f"create schema if not exists {schema} options (location = {self.literal(self.location)})")

    def write_replacement(self, table: str, select: str) -> str:
        """A merge in which nothing matches."""
        return (
            f"merge into {table} as old_rows using ({select}) as new_rows on false "
            "when not matched by target then insert row when not matched by source then delete"
        )

    def write_decimal(self, digits: int, places: int) -> str:
        is_small = places <= _NUMERIC_PLACES and digits - places <= _NUMERIC_WHOLE_DIGITS
        return f"{'numeric' if is_small else 'bignumeric'}({digits}, {places})"

    def write_view(self, view: str, select: str, description: str, comments: Mapping[str, str]) -> str:
        listed = ", ".join(
            f"{self.name(name)} options (description = {self.literal(text[:1024])})" for name, text in comments.items()
        )
        described = f"options (description = {self.literal(description)})"
        return f"create or replace view {view} ({listed}) {described} as {select}"


def _find_credentials(account: Account) -> Any:
    """Find the credentials; an emulator, which BIGQUERY_EMULATOR_HOST names, takes none. Raises SettingsError."""
    if os.environ.get("BIGQUERY_EMULATOR_HOST"):
        return account.import_driver("google.auth.credentials").AnonymousCredentials()
    if keyfile := account.find("keyfile"):
        return _read_keyfile(account, keyfile)
    auth = account.import_driver("google.auth")
    try:
        return auth.default(scopes=["https://www.googleapis.com/auth/bigquery"])[0]
    except auth.exceptions.DefaultCredentialsError:
        what = "bigquery needs credentials, and there are none."
        variable = account.name_variable("keyfile")
        do = f"export {variable}=/path/to/service-account.json (or: gcloud auth application-default login)"
        raise SettingsError(what, where=account.where, do=do) from None


def _read_keyfile(account: Account, keyfile: str) -> Any:
    service_account = account.import_driver("google.oauth2.service_account")
    try:
        return service_account.Credentials.from_service_account_file(keyfile)
    except (OSError, ValueError):
        variable = account.name_variable("keyfile")
        what = f"The key file of the service account cannot be read: {variable} names {keyfile}."
        do = f"export {variable}=/path/to/service-account.json"
        raise SettingsError(what, where=account.where, do=do) from None
