"""Settings of a Delta table as a source."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import Field, ModelWrapValidatorHandler, field_validator, model_validator

from patron.ingest.settings_base import NotBlank, OneOrMore, Settings, make_error
from patron.ingest.source_kind import SourceKind

_CREDENTIALS = re.compile(r"://[^/]*@|[?&](sig|token|key|secret)=", re.IGNORECASE)


class Delta(Settings):
    """A Delta table of a lake that is there already."""

    table: NotBlank = Field(
        description="The table's folder, from the data folder or absolute; or its address, such as `s3://bucket/orders`."
    )
    key: OneOrMore = Field(
        (),
        description="Columns that identify a row of the table. Unset: rows may only be added; a table whose rows are "
        "changed or deleted needs it.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _need_own_settings(cls, value: Any, handler: ModelWrapValidatorHandler[Delta]) -> Delta:
        if isinstance(value, str):
            raise make_error("`delta` needs settings of its own", "write `table: folder` under `delta:`")
        return handler(value)

    @field_validator("table", mode="before")
    @classmethod
    def _refuse_credentials(cls, value: Any) -> Any:
        if _CREDENTIALS.search(str(value)):
            do = "leave it away: credentials come from the environment, such as AWS_ACCESS_KEY_ID"
            raise make_error("The address of a Delta table holds a credential", do)
        return value


class DeltaSettings(Settings):
    """The key of a source that is a Delta table."""

    KIND: ClassVar = SourceKind(
        name="delta",
        hint="the Delta table to read",
        keys=("delta",),
        unit="landings",
        is_changelog=True,
        connector="patron.ingest.delta.connector:DeltaConnector",
    )

    delta: Delta | None = Field(None, description="A Delta table. Instead of `files`.")
