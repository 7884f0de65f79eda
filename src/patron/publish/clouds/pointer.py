"""The pointer: one table that says, for each exported table, which load of its rows readers see.

Loads lie side by side in the schema <schema>_loads, marked by their id. The views of the schema read the load that the
pointer names. One statement replaces all of the pointer, so all tables change at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

from patron.errors import SettingsError

if TYPE_CHECKING:
    from patron.engines.clouds.client import CloudClient

LOAD = "_load"
"""The column that marks the rows of a load."""
_POINTER = "pointer"
PUBLISHED, PUBLISHED_TABLES = "published", "published_tables"


@dataclass(frozen=True)
class Loaded:
    """A row of the pointer: a table, the load that readers see, and the snapshot that all tables are of.

    place: the table that holds its rows. definition: a hash of its columns and their descriptions.
    content: a text that is equal for equal rows.
    """

    table_name: str
    load_id: str
    place: str
    definition: str
    content: str
    row_count: int
    snapshot: str
    as_of: str
    published_at: str
    loaded_at: str
    shop: str
    currency: str


_NAMES = tuple(one.name for one in fields(Loaded))
_OF_ALL = ("snapshot", "as_of", "published_at", "loaded_at", "shop", "currency")
_OF_ONE = ("table_name", "row_count", "content")
_COMMENTS = {
    "snapshot": "Name of the snapshot.",
    "as_of": "Day that everything is measured as of.",
    "published_at": "When patron published it.",
    "loaded_at": "When it was exported to this warehouse.",
    "shop": "Name of the shop.",
    "currency": "Currency of every amount.",
    "table_name": "Name of the table.",
    "row_count": "Rows of the table.",
    "content": "A hash of the rows.",
}


class Pointer:
    """The pointer of a schema. Raises EngineError, as its client does."""

    def __init__(self, client: CloudClient, schema: str) -> None:
        self.client, self.schema, self.loads = client, schema, f"{schema}_loads"
        self._place = f"{self.loads}.{_POINTER}"

    def prepare(self) -> None:
        """Create the schemas, and the pointer, unless they exist."""
        self.client.create_schema(self.schema)
        self.client.create_schema(self.loads)
        kinds = {"row_count": self.client.types["whole"]}
        columns = ", ".join(f"{name} {kinds.get(name, self.client.types['text'])}" for name in _NAMES)
        self.client.execute(f"create table if not exists {self._place} ({columns})")

    def read(self) -> dict[str, Loaded]:
        """Read the pointer: table -> what readers see."""
        rows = self.client.query(f"select {', '.join(_NAMES)} from {self._place}").to_pylist()
        return {row["table_name"]: Loaded(**{**row, "row_count": int(row["row_count"])}) for row in rows}

    def move(self, rows: Iterable[Loaded]) -> None:
        """Let readers see these loads, and no other table, from this moment."""
        selects = (self._select(row, is_first=at == 0) for at, row in enumerate(rows))
        self.client.execute(self.client.write_replacement(self._place, " union all ".join(selects)))

    def _select(self, row: Loaded, *, is_first: bool) -> str:
        values = (str(value) if isinstance(value, int) else self.client.literal(value) for value in astuple(row))
        named = (f"{value} as {name}" if is_first else value for name, value in zip(_NAMES, values, strict=True))
        return f"select {', '.join(named)}"

    def write_load(self, table: str) -> str:
        """Write the load of a table that readers see, as a value of SQL."""
        return f"(select load_id from {self._place} where table_name = {self.client.literal(table)})"

    def write_records(self) -> list[str]:
        """Write the statements of the two views that tell readers what they see."""
        of_all = f"select {', '.join(f'max({name}) as {name}' for name in _OF_ALL)} from {self._place}"
        of_one = f"select {', '.join(_OF_ONE)} from {self._place}"
        return [
            self._write_record(PUBLISHED, of_all, "Grain: one row, the snapshot that the tables hold.", _OF_ALL),
            self._write_record(PUBLISHED_TABLES, of_one, "Grain: one table that patron exported.", _OF_ONE),
        ]

    def _write_record(self, name: str, select: str, description: str, columns: Iterable[str]) -> str:
        comments = {column: _COMMENTS[column] for column in columns}
        return self.client.write_view(f"{self.schema}.{name}", select, description, comments)

    def refuse_foreign_tables(self, wanted: Iterable[str], known: Mapping[str, Loaded]) -> None:
        """Raise SettingsError if a table or view that patron did not create has a name that it would write."""
        there = self.client.list_tables(self.schema)
        own = {*known, *((PUBLISHED, PUBLISHED_TABLES) if known else ())}
        foreign = sorted(there.intersection([*wanted, PUBLISHED, PUBLISHED_TABLES]) - own)
        if foreign:
            listed = ", ".join(foreign[:5]) + (", ..." if len(foreign) > 5 else "")
            what = f"The schema {self.schema} has tables or views that patron did not create: {listed}."
            do = "choose another schema with --schema, or rename these"
            raise SettingsError(what, where=f"schema {self.schema}", do=do)
