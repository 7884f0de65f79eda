"""patron.yaml -> one validated, frozen Project. Nothing downstream reads the file again."""

from __future__ import annotations

import codecs
import datetime as dt
import difflib
import re
import zoneinfo
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from patron import expressions
from patron.contract import EVENT_DAYS, Entity, entities
from patron.errors import SettingsError
from patron.settings_faults import explain
from patron.settings_file import Place, read_settings, where_text

FILE_NAME = "patron.yaml"
_NAME = r"^[a-z][a-z0-9_]{0,62}$"


def _as_text(value: Any) -> Any:
    """A number or a truth value where a text belongs is the text of that spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_list(value: Any) -> Any:
    values = value if isinstance(value, list | tuple) else [value] if isinstance(value, str | int | float) else None
    return value if values is None else [_as_text(one) for one in values]


def _as_day(value: Any) -> Any:
    """latest, today, a day, or the text of one; a bare number is no day."""
    if value in ("latest", "today"):
        return value
    day = _day(value)
    if day is None:
        raise ValueError(f"{str(value)!r} is no day; write latest, today, or a day such as 2011-12-10")
    if not EVENT_DAYS[0] <= day.isoformat() <= EVENT_DAYS[1]:
        raise ValueError(f"{value} is not from {EVENT_DAYS[0]} to {EVENT_DAYS[1]}")
    return day


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


NotBlank = Annotated[str, Field(min_length=1, pattern=r"\S")]
OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Patterns = Annotated[tuple[NotBlank, ...], BeforeValidator(_as_list)]
Day = Annotated[Literal["latest", "today"] | dt.date, BeforeValidator(_as_day)]


class Settings(BaseModel):
    """Base of every part of patron.yaml: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: Any, info: ValidationInfo) -> Any:
        is_switch = cls.model_fields[str(info.field_name)].annotation is bool
        if (value is True or value is False) and not is_switch:
            raise ValueError(f"{str(value).lower()} is neither a number nor a text; this setting is not on or off")
        if is_switch and not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value


class Shop(Settings):
    """Who the shop is, and in what it counts."""

    name: NotBlank = Field(description="The shop's name, as reports print it.")
    currency: str = Field(
        "USD", pattern="^[A-Z]{3}$", description="ISO code of the currency that amounts are in, such as EUR."
    )
    timezone: str = Field("UTC", description="IANA name. Times without an offset are taken as local to it.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in zoneinfo.available_timezones():
            near = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "write an IANA name such as Europe/London"
            raise ValueError(f"{name!r} is no timezone; {hint}")
        return name


class Csv(Settings):
    """How delimited text is written. `auto` looks at the file's first lines."""

    delimiter: str = Field("auto", description="One character, `tab`, or `auto`.")
    quote: str = Field("auto", description="One character, `none`, or `auto`.")
    encoding: str = Field("auto", description="`utf-8`, `utf-16`, `latin-1`, ... or `auto`.")
    columns: tuple[str, ...] | None = Field(None, description="Names, for files that have no header line.")

    @field_validator("delimiter", "quote")
    @classmethod
    def _one_sign(cls, sign: str, info: ValidationInfo) -> str:
        from patron.ingest.csv_dialect import sniff
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

    _text = field_validator("expression", mode="before")(_as_text)


def _as_mapped(value: Any) -> Any:
    value = _as_text(value)
    match value:
        case str():
            return {"expression": value}
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

    _text = field_validator("where", "deleted_when", mode="before")(_as_text)


class Source(Settings):
    """One thing that delivers rows: files that match a pattern."""

    files: Patterns = Field(
        min_length=1, description="Patterns of files, from the data folder; `**` goes into folders."
    )
    format: Literal["auto", "csv", "jsonl", "parquet"] = Field("auto", description="`auto` goes by name and content.")
    csv: Csv = Field(Csv(), description="Only for delimited text.")
    null_values: OneOrMore = Field((), description="Texts that mean nothing, beside blanks, such as NaN.")
    freshness: Freshness = Field(Freshness(), description="How old this source may be.")
    entities: dict[str, Mapping] = Field(description="Canonical entity: its mapping.", min_length=1)


class Rules(Settings):
    """Rule files. A bare name is a set that ships with patron; anything with a dot or slash is a file of yours."""

    line_kinds: str = Field(
        "default", description="Ordered rules: sale, return, discount, ... (default, online_retail)."
    )
    countries: str = Field("default", description="Raw country to country; blank means unknown.")
    segments: str = Field("nine", description="RFM scores to segment: nine, thirteen, or a file.")
    exact_duplicates: Literal["keep", "drop"] = Field("keep", description="Rows alike in every column: count or drop.")


class Rfm(Settings):
    """How recency, frequency and monetary scores are given; 5 is best on all three."""

    method: Literal["quantile", "threshold", "ntile"] = Field(
        "quantile", description="quantile: equal values, equal scores. ntile: equal groups, ties by customer id."
    )
    recency_days: tuple[int, ...] = Field(
        (), description="threshold only: four rising limits in days; at most = 5, 4, 3, 2."
    )
    frequency_orders: tuple[int, ...] = Field(
        (), description="threshold only: four rising limits; at least = 2, 3, 4, 5."
    )
    monetary_amounts: tuple[float, ...] = Field(
        (), description="threshold only: four rising limits; at least = 2, 3, 4, 5."
    )

    @model_validator(mode="after")
    def _thresholds_fit_method(self) -> Rfm:
        for name in ("recency_days", "frequency_orders", "monetary_amounts"):
            limits = getattr(self, name)
            if self.method != "threshold" and limits:
                raise ValueError(f"{name} is given, but method is {self.method}; it belongs to method: threshold")
            if self.method == "threshold" and (len(limits) != 4 or list(limits) != sorted(set(limits))):
                raise ValueError(f"method: threshold needs {name} as four rising limits; it has {list(limits)}")
        return self


class Tiers(Settings):
    """The labels of customer value, lowest first."""

    measure: Literal["formula_clv_profit", "formula_clv_revenue", "historical_clv"] = Field(
        "formula_clv_profit", description="What is ranked or compared."
    )
    by: Literal["percentile", "amount"] = Field("percentile", description="What the cuts mean.")
    cuts: tuple[float, ...] = Field(
        (0.33, 0.66), description="Rising; a value below a cut belongs to the tier before it."
    )
    labels: tuple[NotBlank, ...] = Field(("Low", "Medium", "High"), description="One more than cuts, lowest first.")

    @model_validator(mode="after")
    def _labels_fit_cuts(self) -> Tiers:
        if len(self.labels) != len(self.cuts) + 1:
            raise ValueError(f"{len(self.cuts)} cuts need {len(self.cuts) + 1} labels; there are {len(self.labels)}")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError(f"cuts must rise; they are {list(self.cuts)}")
        if self.by == "percentile" and not all(0 < cut < 1 for cut in self.cuts):
            raise ValueError(f"percentile cuts lie between 0 and 1; they are {list(self.cuts)}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must differ; they are {list(self.labels)}")
        return self


class Clv(Settings):
    """Customer lifetime value by formula."""

    gross_margin: float = Field(0.3, gt=0, le=1, description="Share of net_amount that is margin, 0 to 1.")
    tenure_unit: Literal["days", "weeks", "months", "years"] = Field(
        "years", description="Unit of tenure in formula_clv: days, 7 days, 365/12 days, 365 days."
    )
    tiers: Tiers = Field(Tiers(), description="The labels of customer value.")


class Churn(Settings):
    """When a silent customer counts as gone."""

    window_days: int = Field(90, gt=0, description="is_churned: days_since_last_order above this.")
    low_days: int = Field(30, gt=0, description="Risk Low up to this many days.")
    medium_days: int = Field(60, gt=0, description="Risk Medium up to this many days; High up to window_days.")

    @model_validator(mode="after")
    def _in_order(self) -> Churn:
        if not self.low_days < self.medium_days < self.window_days:
            said = f"low_days {self.low_days}, medium_days {self.medium_days}, window_days {self.window_days}"
            raise ValueError(f"the limits must rise: {said}")
        return self


class Quarantine(Settings):
    """How many bad rows stop a run: of each source's rows that are new, or of all, where a mapping changed."""

    stop_above_rate: float = Field(
        0.5, ge=0, le=1, description="Nothing is published where more of a source is bad, 0 to 1. 1 never stops."
    )
    at_least_rows: int = Field(100, gt=0, description="Fewer bad rows than this never stop a run.")


class Warehouse(Settings):
    """The engine that the models run on."""

    engine: Literal["duckdb", "spark"] = Field("duckdb", description="duckdb on this machine, or Spark (extra: spark).")
    memory_limit: str | None = Field(
        None, pattern=r"^\d+(\.\d+)?\s?(MB|GB|TB)$", description="Such as 4GB; DuckDB spills beyond it."
    )
    threads: int | None = Field(None, gt=0, description="Processor threads; all, if unset.")


class ProjectSettings(Settings):
    """All of patron.yaml."""

    shop: Shop = Field(description="Who the shop is, and in what it counts.")
    data: str = Field("data", description="Folder that file patterns start from; relative to patron.yaml, or absolute.")
    as_of: Day = Field("latest", description="The day everything is measured at. latest: the day after the last event.")
    sources: dict[Annotated[str, Field(pattern=_NAME)], Source] = Field(description="Name: source.", min_length=1)
    rules: Rules = Field(Rules(), description="Rule files.")
    rfm: Rfm = Field(Rfm(), description="RFM scoring.")
    clv: Clv = Field(Clv(), description="Customer lifetime value by formula.")
    churn: Churn = Field(Churn(), description="Churn.")
    quarantine: Quarantine = Field(Quarantine(), description="How many bad rows stop a run.")
    warehouse: Warehouse = Field(Warehouse(), description="The engine.")


_STATE = ".patron"


class Project:
    """A project folder with its settings. Frozen: `with_as_of` and `aside` give changed copies.

    state: where everything but the lake is built; .patron, unless it is built aside.
    """

    def __init__(
        self,
        root: Path,
        settings: ProjectSettings,
        lines: dict[Place, int] | None = None,
        state: Path | None = None,
    ) -> None:
        self.root = root
        self.settings = settings
        self.state = state or root / _STATE
        self._lines = lines or {}

    @classmethod
    def load(cls, folder: Path | str = ".") -> Project:
        """Read and check FOLDER/patron.yaml. Raises SettingsError, naming key and line; touches no data."""
        root = Path(folder).resolve()
        path = root / FILE_NAME
        content, lines = read_settings(path)
        content = {} if content is None else content
        try:
            settings = ProjectSettings.model_validate(content)
        except ValidationError as error:
            raise explain(error, ProjectSettings, content, path, lines) from None
        from patron.mapping import check_mappings

        check_mappings(settings, path, lines)
        return cls(root, settings, lines)

    def with_as_of(self, as_of: str | dt.date) -> Project:
        """The same project measured at another day: latest, today, or YYYY-MM-DD."""
        try:
            changed = ProjectSettings.model_validate({**self.settings.model_dump(), "as_of": as_of})
        except ValidationError as error:
            what = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise SettingsError(f"{what}.", where="--as-of") from None
        return Project(self.root, changed, self._lines, self.state)

    def aside(self, folder: Path) -> Project:
        """The same project and lake, built in another folder."""
        return Project(self.root, self.settings, self._lines, folder)

    @cached_property
    def data(self) -> Path:
        """The folder that file patterns start from."""
        return (self.root / self.settings.data).resolve()

    @property
    def lake(self) -> Path:
        return self.root / _STATE / "lake"

    @property
    def history(self) -> Path:
        """What customers were called on the days that were measured."""
        return self.root / _STATE / "history"

    @property
    def warehouse(self) -> Path:
        return self.state / "warehouse.duckdb"

    @property
    def dbt(self) -> Path:
        return self.state / "dbt"

    @property
    def published(self) -> Path:
        return self.state / "published"

    @property
    def built(self) -> Path:
        """What the warehouse was last built from."""
        return self.state / "built.json"

    @property
    def compiled(self) -> Path:
        """Each model's and test's SQL as it is when everything is built whole."""
        return self.dbt / "compiled"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    def where(self, *place: str) -> str:
        """File, line and key of a setting, for errors."""
        return where_text(self.root / FILE_NAME, self._lines, place)

    def mappings_of(self, entity: str) -> dict[str, Mapping]:
        """Source name -> mapping, for the sources that fill an entity, in the file's order."""
        sources = self.settings.sources
        return {name: source.entities[entity] for name, source in sources.items() if entity in source.entities}

    def mapped_entities(self) -> dict[str, Entity]:
        """The canonical entities that some source fills."""
        return {name: entity for name, entity in entities().items() if self.mappings_of(name)}

    def required_columns(self, source: str) -> list[str]:
        """The columns that a source's files must have, because a mapping or a filter reads them."""
        mappings = self.settings.sources[source].entities.values()
        needed = [column.expression for m in mappings for column in m.columns.values() if not column.optional]
        return _columns_read([*needed, *(text for m in mappings for text in (m.where, m.deleted_when) if text)], source)

    def optional_columns(self, source: str) -> list[str]:
        """The columns that a source's files may lack, and that a mapping reads where they have them."""
        mappings = self.settings.sources[source].entities.values()
        texts = [column.expression for m in mappings for column in m.columns.values() if column.optional]
        needed = {expressions.column_key(name) for name in self.required_columns(source)}
        return [name for name in _columns_read(texts, source) if expressions.column_key(name) not in needed]


def _columns_read(texts: list[str], source: str) -> list[str]:
    """The columns of several expressions, in order of appearance, without repeats."""
    read = (expressions.columns_of(expressions.parse(text, source)) for text in texts)
    return list(dict.fromkeys(name for names in read for name in names))
