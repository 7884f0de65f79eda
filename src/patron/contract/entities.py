"""The canonical entities: columns, types, units, grain and key, loaded from entities.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

ColumnType = Literal[
    "id",
    "text",
    "email",
    "timestamp",
    "date",
    "amount",
    "exchange_rate",
    "quantity",
    "integer",
    "rate",
    "number",
    "boolean",
    "attributes",
]

SQL_TYPES: dict[str, str] = {
    "id": "text",
    "text": "text",
    "email": "text",
    "timestamp": "timestamp",
    "date": "date",
    "amount": "decimal(18, 4)",
    "exchange_rate": "decimal(18, 9)",
    "quantity": "decimal(18, 4)",
    "integer": "bigint",
    "rate": "double",
    "number": "double",
    "boolean": "boolean",
    "attributes": "text",
}
"""The type of each kind of column in silver, in DuckDB's words. Money never becomes a float."""

AMOUNTS_BELOW = 10_000_000_000_000
"""Amounts and quantities of a row are nearer to 0: 18 digits then hold what a line adds up of them."""

EVENT_DAYS = ("1900-01-01", "2170-01-01")
"""Events lie between these days, and so does as_of; the calendar holds 100,000 days."""

LINEAGE_COLUMNS = ("source_name", "_row_key", "_batch_id")
"""Every silver row says which source it came from, by which bronze row, and with which landing."""


@dataclass(frozen=True)
class Column:
    """A canonical column.

    default: an SQL literal for the column where it is unmapped or blank. unless: the column that may be mapped in its
    place, if it is required.
    """

    name: str
    type: ColumnType
    means: str
    required: bool = False
    unless: str | None = None
    default: str | None = None
    unit: str | None = None
    least: int | None = None
    pii: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]

    @property
    def is_text(self) -> bool:
        return self.sql_type == "text"

    @property
    def is_limited(self) -> bool:
        """Whether AMOUNTS_BELOW holds for the column."""
        return self.type in ("amount", "quantity")

    def describe(self) -> str:
        """Describe the column with its unit, as tables document it."""
        unit = f" Unit: {self.unit}." if self.unit else ""
        return f"{self.means[:1].upper()}{self.means[1:]}.{unit}"


@dataclass(frozen=True)
class Limit:
    """A limit of the size of a product of columns, beyond which a row is bad. Both are SQL."""

    of: str
    below: float
    reason: str


@dataclass(frozen=True)
class Entity:
    """A canonical entity. Events have ids per source; things share one namespace of ids in the shop."""

    name: str
    kind: Literal["event", "thing"]
    grain: str
    id: str
    columns: dict[str, Column]
    limits: tuple[Limit, ...] = ()

    @property
    def event_time(self) -> str | None:
        """Return the column with the time of the event; None for things."""
        if self.kind == "thing":
            return None
        return next((c.name for c in self.columns.values() if c.type == "timestamp"), None)

    @property
    def version_column(self) -> str | None:
        return "updated_at" if "updated_at" in self.columns else None


@cache
def load_entities() -> dict[str, Entity]:
    """Load all canonical entities by name, in the order of entities.yml."""
    import yaml

    text = resources.files("patron.contract").joinpath("entities.yml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {name: _parse_entity(name, spec) for name, spec in yaml.load(text, Loader=loader).items()}


def _parse_entity(name: str, spec: dict[str, Any]) -> Entity:
    columns = {column: Column(name=column, **fields) for column, fields in spec["columns"].items()}
    limits = tuple(Limit(**limit) for limit in spec.get("limits", []))
    return Entity(name, spec["kind"], spec["grain"], spec["id"], columns, limits)
