"""A session of a Databricks SQL warehouse or cluster, by Databricks' SQL connector."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from patron.engines.clouds.client import CloudClient, lower_names
from patron.engines.clouds.environment import Account
from patron.errors import SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

HIVE = "hive_metastore"
"""The catalog of the Hive metastore, which knows no volumes."""
_VOLUME = "patron_loading"


class DatabricksClient(CloudClient):
    """Signs in with a token (PATRON_DATABRICKS_TOKEN), or as a service principal by its CLIENT_ID and CLIENT_SECRET."""

    engine: ClassVar[str] = "databricks"
    types: ClassVar[Mapping[str, str]] = {
        **{"boolean": "boolean", "whole": "bigint", "double": "double", "date": "date", "text": "string"},
        **{"time": "timestamp_ntz", "instant": "timestamp"},
    }

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._driver: Any = account.import_driver("databricks.sql")
        self.catalog, self._volume = account.find("catalog", "main"), account.find("volume").rstrip("/")
        if self.catalog == HIVE and not self._volume:
            variable = account.name_variable("volume")
            what = f"The catalog {HIVE} has no volumes, through which patron loads files."
            raise SettingsError(what, where=account.where, do=f"export {variable}=/Volumes/main/default/loading")
        parameters = {
            "server_hostname": account.need("host", "adb-0000000000000000.0.azuredatabricks.net"),
            "http_path": account.need("http_path", "/sql/1.0/warehouses/0000000000000000"),
            **_find_credentials(account),
        }
        # put reads nothing outside of the folders that are named here
        self._folders = [tempfile.gettempdir(), *filter(None, [account.find("staging_folder")])]
        with self.explain(account.where, self._driver.Error):
            self._connection = self._driver.connect(**parameters, staging_allowed_local_path=self._folders)
            self.execute(f"use catalog {self.name(self.catalog)}")

    def execute(self, sql: str) -> None:
        with self.explain(sql, self._driver.Error), self._connection.cursor() as cursor:
            cursor.execute(sql)

    def query(self, sql: str) -> pa.Table:
        with self.explain(sql, self._driver.Error), self._connection.cursor() as cursor:
            cursor.execute(sql)
            return lower_names(cursor.fetchall_arrow())

    def load(self, schema: str, table: str, file: Path) -> None:
        """Put the file on a volume, copy it into the table with the types of its columns, and remove it."""
        import pyarrow.parquet as pq

        place = self.literal(f"{self._find_volume(schema)}/{file.name}")
        columns = ", ".join(
            f"cast({self.name(field.name)} as {self.write_type(field.type)}) as {self.name(field.name)}"
            for field in pq.read_schema(file)
        )
        self.execute(f"put {self.literal(str(file.resolve()))} into {place} overwrite")
        self.execute(
            f"copy into {schema}.{table} from (select {columns} from {place}) "
            "fileformat = parquet copy_options ('force' = 'true')"
        )
        self.execute(f"remove {place}")

    def _find_volume(self, schema: str) -> str:
        if self._volume:
            return self._volume
        self.execute(f"create volume if not exists {schema}.{_VOLUME}")
        return f"/Volumes/{self.catalog}/{schema}/{_VOLUME}"

    def list_tables(self, schema: str) -> set[str]:
        return {name.lower() for name in self.query(f"show tables in {schema}")["tablename"].to_pylist()}

    def close(self) -> None:
        self._connection.close()

    def write_replacement(self, table: str, select: str) -> str:
        return f"insert overwrite {table} {select}"


def _find_credentials(account: Account) -> dict[str, Any]:
    """Find the token, or how a service principal gets one. Raises SettingsError."""
    if not account.find("client_id"):
        return {"access_token": account.need("token", "dapi...")}
    core: Any = account.import_driver("databricks.sdk.core")
    config = core.Config(
        host=f"https://{account.need('host', 'adb-0000000000000000.0.azuredatabricks.net')}",
        client_id=account.need("client_id", "..."),
        client_secret=account.need("client_secret", "..."),
    )
    return {"credentials_provider": lambda: core.oauth_service_principal(config)}
