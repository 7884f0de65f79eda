"""A table of a PostgreSQL server as a source: the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import SourceError
from patron.ingest.source import TableSource

if TYPE_CHECKING:
    from patron.ingest.postgres.settings import PostgresSettings
    from patron.ingest.source import Landing, OnProgress, SourceContext
    from patron.lake import Lake


class PostgresConnector:
    """Lands the rows of a table that are new, changed or gone. See ingest/connector.py."""

    def __init__(self, settings: PostgresSettings, context: SourceContext) -> None:
        assert settings.postgres is not None
        schema, table = settings.postgres.place
        self.where = context.where
        self.source = TableSource(
            name=context.name,
            schema=schema,
            table=table,
            connection=settings.postgres.connection,
            key=settings.postgres.key,
            cursor=settings.postgres.cursor,
            required_columns=context.required_columns,
            optional_columns=context.optional_columns,
            **({"memory_limit": context.memory_limit} if context.memory_limit else {}),
        )

    def check(self) -> None:
        """See that the connection string and DuckDB's extension are there. Raises SettingsError."""
        from patron.ingest.postgres.server import check_ready

        check_ready(self.source, self.where)

    def describe(self) -> str:
        """Ask the server for the table's columns, key and number of rows."""
        from patron.ingest.postgres.land import describe_table

        self.check()
        return describe_table(self.source)

    def land(self, lake: Lake, *, full_compare: bool = False, on_progress: OnProgress | None = None) -> Landing:
        """Land what changed since the last read. full_compare: read all rows, also where the source has a cursor."""
        from patron.ingest.postgres.land import land_table

        return land_table(lake, self.source, full_compare=full_compare, on_progress=on_progress)

    def reread(self, lake: Lake) -> None:
        """A table rejects no rows: all its values can be read."""

    def sample(self, rows: int) -> None:
        """Return nothing: a table is read when it lands."""

    def explain_no_rows(self) -> SourceError:
        """The table has not landed yet."""
        what = (
            f"The table {self.source.schema}.{self.source.table} of the source {self.source.name} has not landed yet."
        )
        return SourceError(what, where=self.where, do="run `patron run`")
