"""Settings of files as a source: which files, and how they are written."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from patron.errors import SettingsError
from patron.ingest.settings_base import NotBlank, PathOrAddress, Settings, Words, as_list, refuse_odd_address
from patron.ingest.source_kind import SourceKind

Patterns = Annotated[tuple[Annotated[NotBlank, AfterValidator(refuse_odd_address)], ...], BeforeValidator(as_list)]


class Csv(Settings):
    """How delimited text is written. `auto` detects it from the first lines of a file."""

    delimiter: str = Field("auto", description="One character, `tab`, or `auto`.")
    quote: str = Field("auto", description="One character, `none`, or `auto`.")
    encoding: str = Field("auto", description="`utf-8`, `utf-16`, `latin-1`, ... or `auto`.")
    columns: tuple[str, ...] | None = Field(None, description="Column names, for files without a header line.")

    @field_validator("delimiter", "quote")
    @classmethod
    def _is_one_character(cls, sign: str, info: ValidationInfo) -> str:
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
    def _is_known_encoding(cls, name: str) -> str:
        try:
            codecs.lookup("utf-8" if name == "auto" else name)
        except LookupError:
            raise ValueError(f"there is no encoding {name!r}; write utf-8, utf-16, cp1252, latin-1, ...") from None
        return name


class FilesSettings(Settings):
    """The keys of a source that is files."""

    KIND: ClassVar = SourceKind(
        name="files",
        hint="patterns of files",
        keys=("files", "format", "csv", "records", "sheets", "header_row", "data"),
        unit="files",
        is_changelog=False,
        connector="patron.ingest.files.connector:FilesConnector",
    )

    files: Patterns = Field(
        (),
        min_length=1,
        validate_default=False,
        description="Patterns of files, relative to the data folder, or addresses such as s3://bucket/*.csv; `**` "
        "matches folders. Or another kind: `postgres`, `kafka`, `delta`.",
    )
    format: Literal["auto", "csv", "json", "jsonl", "parquet", "xlsx"] = Field(
        "auto",
        description="`auto` decides by name and content. `jsonl`: a record a line; `json`: also documents.",
    )
    csv: Csv = Field(Csv(), description="Only for delimited text.")
    records: str | None = Field(
        None,
        min_length=1,
        description="Only for JSON documents: the key of the list that holds the records, such as `orders` or "
        "`data.orders`; `.` if the document itself is one. Unset: the only list of objects.",
    )
    sheets: Words = Field(
        (), description="Only for Excel workbooks: the sheets to read. Unset: the only visible one that is not empty."
    )
    header_row: int | None = Field(
        None,
        ge=1,
        description="Only for Excel workbooks: the row that names the columns. Unset: the first that is not blank.",
    )
    data: PathOrAddress | None = Field(
        None, description="Folder or address that this source's patterns start from; the project's, if unset."
    )
