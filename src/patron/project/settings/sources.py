"""The `sources` of patron.yaml: where rows come from, and which canonical columns they fill."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from patron.ingest.connector import SourceSettings
from patron.project.settings.base import SOURCE_NAME, NotBlank, OneOrMore, Settings, as_text
from patron.project.settings.rebuilt_times import RebuiltTimes


class FreshnessLimits(Settings):
    """Age in days beyond which `patron check` warns or fails. Unset: not checked."""

    warn_after_days: float | None = Field(None, gt=0, description="Older than this is a warning.")
    fail_after_days: float | None = Field(None, gt=0, description="Older than this fails the check.")

    @model_validator(mode="after")
    def _check_order(self) -> FreshnessLimits:
        warn, fail = self.warn_after_days, self.fail_after_days
        if warn and fail and warn > fail:
            raise ValueError(f"warn_after_days ({warn:g}) is later than fail_after_days ({fail:g})")
        return self


class Freshness(Settings):
    """The maximum age of a source: by the landing of its rows, and by the time of its events."""

    arrival: FreshnessLimits = Field(FreshnessLimits(), description="Days since rows last landed.")
    event: FreshnessLimits = Field(FreshnessLimits(), description="Days since the last event in the data.")


class MappedColumn(Settings):
    """A canonical column in full: an expression over the source's columns, and the format of its text."""

    expression: str = Field(description="A column or a scalar SQL expression (DuckDB's dialect).")
    format: OneOrMore = Field(
        (),
        description="For times: strptime formats, `iso`, `epoch seconds` or `epoch milliseconds`, tried in order; "
        "found from the values that land first, if unset. For numbers: a sample such as `1,234.50` or `1.234,50` that "
        "shows the separators; currency signs are ignored.",
    )
    optional: bool = Field(
        False,
        description="true: the expression's columns may be missing from files, and are NULL then. Not allowed for "
        "columns that "
        "the contract requires.",
    )

    attributes: OneOrMore = Field(
        (),
        description="Only for a column of attributes: the source's columns that it consists of, such as [Age, Gender].",
    )

    _text = field_validator("expression", mode="before")(as_text)

    @property
    def listed(self) -> tuple[str, ...]:
        """Return the source's columns that attributes consist of; empty if they take all."""
        if self.attributes or self.expression.strip().lower() == "all":
            return self.attributes
        return (self.expression,)


def _to_mapped(value: Any) -> Any:
    value = as_text(value)
    match value:
        case str():
            return {"expression": value}
        case list():
            return {"expression": "all", "attributes": value}
        case dict() | MappedColumn():
            return value
    raise ValueError(
        "map a column by the name of a source column, an SQL expression, or {expression, format, optional}"
    )


Mapped = Annotated[MappedColumn, BeforeValidator(_to_mapped)]


class Mapping(Settings):
    """The mapping of one source to one canonical entity."""

    columns: dict[str, Mapped] = Field(
        description="Canonical column: an expression, or {expression, format, optional}."
    )
    explode: str | None = Field(
        None,
        min_length=1,
        description="A column that holds a list, such as `line_items`: each element becomes a row, whose fields are "
        "`line_items.sku`. For lists in lists, the keys joined by dots: `refunds.transactions`.",
    )
    where: str | None = Field(None, description="Condition for the rows that belong to the entity; all rows, if unset.")
    key: OneOrMore = Field(
        (), description="Canonical columns that identify a row. The latest row of a key wins. Unset: every row is kept."
    )
    fill_down: OneOrMore = Field(
        (),
        description="Canonical columns that the source writes on the first row of an order only: a blank takes the "
        "value of an earlier row of the same order in the same file.",
    )
    own_amounts: OneOrMore = Field(
        (),
        description="Amounts of lines that are each line's own although they are the same on all lines of an order, "
        "such as postage per piece. Otherwise a run stops and asks whether they are the order's.",
    )
    whole_orders: bool = Field(
        False,
        description="For order_lines: a file holds all lines of each order in it, so that lines which the newest file "
        "with the order lacks are gone. Newest is the file with the latest updated_at, not the last to arrive.",
    )
    numbers_restart: Literal["day", "month", "year"] | None = Field(
        None,
        description="For order_lines and orders: numbers of orders start again every day, month or year, so that the "
        "order's id is the number with that part of ordered_at. Unset: a number is one order for ever.",
    )
    deleted_when: str | None = Field(
        None, description="Condition for rows that delete their key instead of describing it."
    )
    namespace: dict[str, Literal["shop", "source"]] = Field(
        {},
        description="For each id column: `shop` if ids mean the same in all sources, `source` if each source has its "
        "own. Unset: the "
        "contract's default.",
    )

    _text = field_validator("where", "deleted_when", mode="before")(as_text)


class Lookup(Settings):
    """Columns of another source, joined by a key: `name.column` in this source's expressions."""

    source: str | None = Field(None, description="The source to look up; the lookup's own name, if unset.")
    on: Annotated[dict[str, str], BeforeValidator(lambda on: {on: f'"{on}"'} if isinstance(on, str) else on)] = Field(
        min_length=1,
        description="Column of the other source: the expression over this source's columns that equals it. A single "
        "name if both "
        "sources use it. If several rows have the key, the latest is used.",
    )


class FullExtract(Settings):
    """A source whose files hold all of it each time, so that rows of earlier extracts no longer count."""

    stamp: str = Field(
        description="Time stamp of the extract that a file belongs to: a column, or a part of the file's name, such as "
        "regexp_extract(_source_file, '[0-9]{8}'). Files with the latest stamp count, whenever they arrived."
    )
    format: OneOrMore = Field((), description="strptime formats of the stamp, tried in order, such as %Y%m%d.")

    _text = field_validator("stamp", mode="before")(as_text)


class Source(SourceSettings):
    """A source of rows: where they come from, and the canonical entities that they fill."""

    null_values: OneOrMore = Field((), description="Texts that mean NULL, besides blanks, such as NaN.")
    freshness: Freshness = Field(Freshness(), description="How old this source may be.")
    lookups: dict[Annotated[str, Field(pattern=SOURCE_NAME)], Lookup] = Field(
        {}, description="Columns of other sources, joined by a key."
    )
    full_extract: FullExtract | None = Field(
        None, description="Each extract holds the whole source and replaces those before it. Unset: files add rows."
    )
    left: dict[str, NotBlank] = Field(
        {},
        description="Columns that are left in bronze on purpose: the column, and why. `patron inspect` and "
        "`patron doctor` name those that are neither mapped nor listed here.",
    )
    rebuilt_times: RebuiltTimes | None = Field(
        None, description="Adds the columns rebuilt_at and is_gap_capped, for orders without a time of their own."
    )
    entities: dict[str, Mapping] = Field(
        {}, description="Canonical entity: its mapping. None, for a source that is only looked up."
    )
