"""A session of Snowflake, by its Python connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from patron.engines.clouds.client import CloudClient, is_plain, lower_names
from patron.engines.clouds.environment import Account

if TYPE_CHECKING:
    import pyarrow as pa

_STAGE = "patron_loading"
_OPTIONAL = ("role", "warehouse", "authenticator", "token", "password", "host", "port", "protocol")


class SnowflakeClient(CloudClient):
    """Signs in with a password, a private key (PATRON_SNOWFLAKE_PRIVATE_KEY_FILE), a token, or by AUTHENTICATOR."""

    engine: ClassVar[str] = "snowflake"
    types: ClassVar[Mapping[str, str]] = {
        **{"boolean": "boolean", "whole": "bigint", "double": "double", "date": "date", "text": "varchar"},
        **{"time": "timestamp_ntz", "instant": "timestamp_tz"},
    }

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._driver: Any = account.import_driver("snowflake.connector")
        parameters = _collect_parameters(account)
        self.database = account.need("database", "SHOP")
        with self.explain(account.where, self._driver.errors.Error):
            self._connection = self._driver.connect(**parameters)
            self._run(f"create database if not exists {self.database}")
            self._run(f"use database {self.database}")

    def _run(self, sql: str) -> Any:
        return self._connection.cursor().execute(sql)

    def execute(self, sql: str) -> None:
        with self.explain(sql, self._driver.errors.Error):
            self._run(sql)

    def query(self, sql: str) -> pa.Table:
        with self.explain(sql, self._driver.errors.Error):
            cursor = self._run(sql)
            rows = cursor.fetch_arrow_all(force_return_table=True)
            return lower_names(rows if rows.num_rows else _type_empty(rows, cursor.description))

    def load(self, schema: str, table: str, file: Path) -> None:
        """Put the file on a stage that ends with the session, and copy it into the table."""
        place = f"@{schema}.{_STAGE}"
        uri = str(file.resolve()).replace("\\", "/").replace("'", "\\'")
        self.execute(f"create temporary stage if not exists {schema}.{_STAGE}")
        self.execute(f"put 'file://{uri}' {place} auto_compress = false overwrite = true")
        self.execute(
            f"copy into {schema}.{table} from {place}/{file.name} "
            "file_format = (type = parquet use_logical_type = true) "
            "match_by_column_name = case_insensitive force = true purge = true"
        )

    def list_tables(self, schema: str) -> set[str]:
        where = f"where table_schema = '{schema.upper()}'"
        parts = (f"select table_name as name from information_schema.{kind} {where}" for kind in ("tables", "views"))
        return {name.lower() for name in self.query(" union ".join(parts))["name"].to_pylist()}

    def close(self) -> None:
        self._connection.close()

    def name(self, name: str) -> str:
        """Snowflake folds bare names to capitals, so only a name that the models quote is quoted here."""
        return name if is_plain(name) else self.quote(name)

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def escape_quote(self, text: str) -> str:
        return text.replace("'", "''")

    def write_view(self, view: str, select: str, description: str, comments: Mapping[str, str]) -> str:
        listed = ", ".join(f"{self.name(name)} comment {self.literal(text)}" for name, text in comments.items())
        return f"create or replace view {view} ({listed}) copy grants comment = {self.literal(description)} as {select}"


def _type_empty(rows: pa.Table, description: Sequence[Any]) -> pa.Table:
    """Return a table without rows with its decimals, which the connector takes for whole numbers."""
    import pyarrow as pa

    fields = [
        pa.field(field.name, pa.decimal128(of.precision, of.scale)) if of.type_code == 0 and of.scale else field
        for field, of in zip(rows.schema, description, strict=True)
    ]
    return pa.schema(fields).empty_table()


def _collect_parameters(account: Account) -> dict[str, Any]:
    """Collect what the connector wants. Raises SettingsError if something is missing."""
    found: dict[str, Any] = {
        "account": account.need("account", "ORGANIZATION-ACCOUNT"),
        "user": account.need("user", "PATRON"),
        "application": "patron",
        "arrow_number_to_decimal": True,  # otherwise money arrives as floating-point numbers
        "session_parameters": {"QUERY_TAG": "patron"},
        **{name: value for name in _OPTIONAL if (value := account.find(name))},
    }
    if key := account.find("private_key_file"):
        found |= {"private_key_file": key, "private_key_file_pwd": account.find("private_key_password") or None}
    elif not (found.get("authenticator") or found.get("token")):
        found["password"] = account.need("password", "...  # or PATRON_SNOWFLAKE_PRIVATE_KEY_FILE")
    return found
