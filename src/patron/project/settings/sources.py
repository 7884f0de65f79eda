"""Where rows come from, and which canonical columns they fill: the `sources` of patron.yaml."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from patron.errors import SettingsError
from patron.project.settings.base import SOURCE_NAME, OneOrMore, Patterns, Settings, as_text
from patron.project.settings.postgres import Postgres
from patron.project.settings.rebuilt_times import RebuiltTimes


class Csv(Settings):
    """How delimited text is written. `auto` looks at the file's first lines."""

    delimiter: str = Field("auto", description="One character, `tab`, or `auto`.")
    quote: str = Field("auto", description="One character, `none`, or `auto`.")
    encoding: str = Field("auto", description="`utf-8`, `utf-16`, `latin-1`, ... or `auto`.")
    columns: tuple[str, ...] | None = Field(None, description="Names, for files that have no header line.")

    @field_validator("delimiter", "quote")
    @classmethod
    def _one_sign(cls, sign: str, info: ValidationInfo) -> str:
        from patron.ingest.files.csv_dialect import sniff
        from patron.ingest.source import FileSource

        try:
            setting: Any = {str(info.field_name): sign}
            sniff("", replace(FileSource("csv", ()), **setting))
        except SettingsError as error:
            raise ValueError(f"{error.what}; {error.do}") from None
        return sign

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            codecs.lookup("utf-8" if name == "auto" else name)
        except LookupError:
            raise ValueError(f"there is no encoding {name!r}; write utf-8, utf-16, cp1252, latin-1, ...") from None
        return name


class FreshnessLimits(Settings):
    """Age in days beyond which `patron check` warns or fails. Unset means: not checked."""

    warn_after_days: float | None = Field(None, gt=0, description="Older than this is a warning.")
    fail_after_days: float | None = Field(None, gt=0, description="Older than this fails the check.")

    @model_validator(mode="after")
    def _in_order(self) -> FreshnessLimits:
        warn, fail = self.warn_after_days, self.fail_after_days
        if warn and fail and warn > fail:
            raise ValueError(f"warn_after_days ({warn:g}) is later than fail_after_days ({fail:g})")
        return self


class Freshness(Settings):
    """How old a source may be, by when files arrived and by when events happened."""

    arrival: FreshnessLimits = Field(FreshnessLimits(), description="Days since rows last landed.")
    event: FreshnessLimits = Field(FreshnessLimits(), description="Days since the last event in the data.")


class MappedColumn(Settings):
    """A canonical column in full: an expression over the source's columns, and how its text is written."""

    expression: str = Field(description="A column or a scalar SQL expression (DuckDB's dialect).")
    format: OneOrMore = Field(
        (),
        description="For times: strptime formats, tried in order. For numbers: a sample such as `1,234.50` or "
        "`1.234,50` that shows the separators; currency signs are then dropped.",
    )
    optional: bool = Field(
        False,
        description="true: files may lack the columns of the expression, which are then NULL; not where the contract "
        "requires the column.",
    )

    attributes: OneOrMore = Field(
        (),
        description="Only for a column of attributes: the source's columns that it is made of, such as [Age, Gender].",
    )

    _text = field_validator("expression", mode="before")(as_text)

    @property
    def listed(self) -> tuple[str, ...]:
        """The source's columns that a column of attributes is made of; none where it takes all."""
        if self.attributes or self.expression.strip().lower() == "all":
            return self.attributes
        return (self.expression,)


def _as_mapped(value: Any) -> Any:
    value = as_text(value)
    match value:
        case str():
            return {"expression": value}
        case list():
            return {"expression": "all", "attributes": value}
        case dict() | MappedColumn():
            return value
    raise ValueError("a column is mapped by the name of one, an SQL expression, or {expression, format, optional}")


Mapped = Annotated[MappedColumn, BeforeValidator(_as_mapped)]


class Mapping(Settings):
    """How one source fills one canonical entity."""

    columns: dict[str, Mapped] = Field(
        description="Canonical column: an expression, or {expression, format, optional}."
    )
    where: str | None = Field(None, description="Which rows of the source belong to the entity; all, if unset.")
    key: OneOrMore = Field(
        (), description="Canonical columns that identify a row. The newest row of a key wins. Unset: each row stands."
    )
    deleted_when: str | None = Field(
        None, description="Condition that says that a row deletes its key (or thing) instead of describing it."
    )
    namespace: dict[str, Literal["shop", "source"]] = Field(
        {}, description="Per id column: one namespace for the shop, or each source its own. The contract's default."
    )

    _text = field_validator("where", "deleted_when", mode="before")(as_text)


class Lookup(Settings):
    """Columns of another source, found by a key: `name.column` in this source's expressions."""

    source: str | None = Field(None, description="The source that is looked into; the lookup's own name, if unset.")
    on: Annotated[dict[str, str], BeforeValidator(lambda on: {on: f'"{on}"'} if isinstance(on, str) else on)] = Field(
        min_length=1,
        description="Their column: an expression over this source's columns that equals it. One name, where both are "
        "called so. Where several of their rows have the key, the newest is taken.",
    )


class Source(Settings):
    """One thing that delivers rows: files that match a pattern, or a table of a PostgreSQL server."""

    files: Patterns = Field(
        (),
        min_length=1,
        validate_default=False,
        description="Patterns of files, from the data folder; `**` goes into folders. This, or `postgres`.",
    )
    postgres: Postgres | None = Field(None, description="A table of a PostgreSQL server. This, or `files`.")
    format: Literal["auto", "csv", "jsonl", "parquet"] = Field("auto", description="`auto` goes by name and content.")
    csv: Csv = Field(Csv(), description="Only for delimited text.")
    null_values: OneOrMore = Field((), description="Texts that mean nothing, beside blanks, such as NaN.")
    freshness: Freshness = Field(Freshness(), description="How old this source may be.")
    data: str | None = Field(
        None, description="Folder that this source's patterns start from; the project's, if unset."
    )
    lookups: dict[Annotated[str, Field(pattern=SOURCE_NAME)], Lookup] = Field(
        {}, description="Columns of other sources, found by a key."
    )
    rebuilt_times: RebuiltTimes | None = Field(
        None, description="Adds the columns rebuilt_at and is_gap_capped, for orders that have no time of their own."
    )
    entities: dict[str, Mapping] = Field(
        {}, description="Canonical entity: its mapping. None, for a source that others only look into."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Source:
        if self.postgres is None and not self.files:
            do = "add `files:` with patterns of files, or `postgres:` with the table to read"
            what = "The source has neither `files` nor `postgres`"
            raise PydanticCustomError("told", "{what}.", {"what": what, "do": do})
        if self.postgres is not None:
            others = [name for name in ("files", "format", "csv") if name in self.model_fields_set]
            if others:
                raise ValueError(f"`postgres` and `{others[0]}` do not go together: a source is a table or files")
        return self
