"""Settings of a PostgreSQL table as a source: names only, since patron.yaml holds no secret."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import Field, ModelWrapValidatorHandler, ValidationInfo, field_validator, model_validator

from patron.ingest.settings_base import NotBlank, OneOrMore, Settings, make_error
from patron.ingest.source_kind import SourceKind

DEFAULT_CONNECTION = "PATRON_POSTGRES"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_KEYS = ("password", "passwd", "url", "uri", "dsn", "host", "user", "dbname", "database", "port")


class Postgres(Settings):
    """A table (or view) of a PostgreSQL server, read over a connection (extra: postgres)."""

    table: NotBlank = Field(description="The table as `schema.table`; the schema is `public`, if unset.")
    connection: str = Field(
        DEFAULT_CONNECTION,
        description="Name of the environment variable that holds the connection string or URL; never the string.",
    )
    key: OneOrMore = Field((), description="Columns that identify a row of the table. Unset: its primary key.")
    cursor: str | None = Field(
        None,
        min_length=1,
        description="A column that increases with each change (a time or a number): a run then reads only rows at or "
        "after "
        "the last value seen, and `patron run --full-compare` finds deleted rows. Unset: every run compares the "
        "full table.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_secret(cls, value: Any, handler: ModelWrapValidatorHandler[Postgres]) -> Postgres:
        if isinstance(value, str):
            raise make_error("`postgres` needs settings of its own", "write `table: schema.table` under `postgres:`")
        for key in value if isinstance(value, dict) else ():
            if str(key).lower() in _SECRET_KEYS:
                raise make_error(f"A server's {key} has no place in patron.yaml", _IN_THE_ENVIRONMENT)
        return handler(value)

    @field_validator("connection", mode="before")
    @classmethod
    def _check_variable_name(cls, value: Any) -> Any:
        if not (isinstance(value, str) and _NAME.fullmatch(value)):
            raise make_error("`connection` is not the name of an environment variable", _IN_THE_ENVIRONMENT)
        return value

    @field_validator("table", "key", "cursor", mode="before")
    @classmethod
    def _refuse_url(cls, value: Any, info: ValidationInfo) -> Any:
        texts = value if isinstance(value, list) else [value]
        if any("://" in str(text) or re.search(r"\bpassword\s*=", str(text)) for text in texts):
            raise make_error(f"`{info.field_name}` holds a connection string", _IN_THE_ENVIRONMENT)
        return value

    @property
    def place(self) -> tuple[str, str]:
        """Schema and table."""
        schema, dot, table = self.table.strip().partition(".")
        return (schema, table) if dot else ("public", schema)


_IN_THE_ENVIRONMENT = (
    "put the whole connection string into an environment variable, such as "
    "PATRON_POSTGRES=postgresql://user:password@host:5432/database, and name it: `connection: PATRON_POSTGRES`"
)


class PostgresSettings(Settings):
    """The key of a source that is a table."""

    KIND: ClassVar = SourceKind(
        name="postgres",
        hint="the table to read",
        keys=("postgres",),
        unit="landings",
        is_changelog=True,
        connector="patron.ingest.postgres.connector:PostgresConnector",
    )

    postgres: Postgres | None = Field(None, description="A table of a PostgreSQL server. Instead of `files`.")
