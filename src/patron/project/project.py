"""Loads patron.yaml into one validated, frozen Project; nothing else reads the file."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from patron.contract.entities import Entity, load_entities
from patron.errors import SettingsError
from patron.ingest.column_names import join_nested
from patron.ingest.connector import Connector, connect
from patron.ingest.files.connector import find_root
from patron.ingest.source import SourceContext
from patron.project.mapping.expressions import FILE_COLUMN, added_name, column_key
from patron.project.mapping.mappings import POSITION, EntityMapping, SourceMapping
from patron.project.mapping.order_amounts import find_orders_as_lines
from patron.project.mapping.order_values import OrderValues, find_order_values
from patron.project.mapping.validate import parse_mappings
from patron.project.settings import ProjectSettings
from patron.project.settings.errors import explain
from patron.project.settings.rebuilt_times import ADDED_BY_TIMES
from patron.project.settings.unanswered import refuse_unanswered
from patron.project.settings.yaml_file import Place, format_where, read_settings
from patron.storage.address import Address, parse_address
from patron.storage.folder import RemoteFolder

FILE_NAME = "patron.yaml"

_STATE = ".patron"


class Project:
    """A project folder with its settings. Frozen: `with_as_of`, `with_state`, `with_all_state` and `with_mappings`
    return changed copies.

    state: the folder in which everything but the lake is built; .patron, unless it is built elsewhere. kept: the folder
    of what no build can recreate, such as the lake; .patron, too. mappings: source -> its mapping, with parsed
    expressions.
    """

    def __init__(
        self,
        root: Path,
        settings: ProjectSettings,
        lines: dict[Place, int] | None = None,
        state: Path | None = None,
        mappings: dict[str, SourceMapping] | None = None,
        kept: Path | None = None,
    ) -> None:
        self.root = root
        self.settings = settings
        self.state = state or root / _STATE
        self.kept = kept or root / _STATE
        self._lines = lines or {}
        self.mappings = parse_mappings(settings, root / FILE_NAME, self._lines) if mappings is None else mappings

    @classmethod
    def load(cls, folder: Path | str = ".") -> Project:
        """Read and check FOLDER/patron.yaml. Raises SettingsError, naming key and line; touches no data."""
        root = Path(folder).resolve()
        path = root / FILE_NAME
        content, lines = read_settings(path)
        content = {} if content is None else content
        refuse_unanswered(content, path, lines)
        try:
            settings = ProjectSettings.model_validate(content)
        except ValidationError as error:
            raise explain(error, ProjectSettings, content, path, lines) from None
        return cls(root, settings, lines)

    def with_as_of(self, as_of: str | dt.date) -> Project:
        """Return the project measured as of another day: latest, today, or YYYY-MM-DD. Raises SettingsError."""
        try:
            changed = ProjectSettings.model_validate({**self.settings.model_dump(exclude_unset=True), "as_of": as_of})
        except ValidationError as error:
            what = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise SettingsError(f"{what}.", where="--as-of") from None
        return Project(self.root, changed, self._lines, self.state, self.mappings, self.kept)

    def with_state(self, folder: Path) -> Project:
        """Return the project with the same lake, built in another folder."""
        return Project(self.root, self.settings, self._lines, folder, self.mappings, self.kept)

    def with_all_state(self, folder: Path) -> Project:
        """Return the project with another lake and history, built beside them in the same folder."""
        return Project(self.root, self.settings, self._lines, folder, self.mappings, folder)

    def with_mappings(self, mappings: dict[str, SourceMapping]) -> Project:
        """Return the project with other mappings of its sources."""
        return Project(self.root, self.settings, self._lines, self.state, mappings, self.kept)

    @cached_property
    def data(self) -> Path | Address:
        """Return the folder that file patterns are relative to, or its address in object storage."""
        return find_root(self.root, self.settings.data)

    def connector(self, source: str) -> Connector:
        """Create the connector of a source."""
        settings = self.settings.sources[source]
        context = SourceContext(
            name=source,
            where=self.where("sources", source, settings.kind.name),
            root=self.root,
            data=self.settings.data,
            required_columns=tuple(self.required_columns(source)),
            optional_columns=tuple(self.optional_columns(source)),
            newest_counts=self.settings.rules.exact_duplicates == "drop" or self.mappings[source].newest_counts,
            memory_limit=self.settings.warehouse.memory_limit,
        )
        return connect(settings, context)

    @cached_property
    def lake(self) -> Path | RemoteFolder:
        """Return the folder of bronze, on this machine or in a bucket."""
        if self.settings.lake is None or self.kept != self.root / _STATE:  # a lake aside is never the shop's own
            return self.kept / "lake"
        return RemoteFolder(parse_address(self.settings.lake), self.kept / "lake-copies")

    @property
    def history(self) -> Path | RemoteFolder:
        """Return the folder of customers' recorded labels (segment, tier, risk) by day."""
        return self.lake.join("_history") if isinstance(self.lake, RemoteFolder) else self.kept / "history"

    @property
    def audiences(self) -> Path:
        """Return the folder of exported audiences, which no build can recreate."""
        return self.kept / "audiences"

    @property
    def models(self) -> Path:
        """Return the folder of fitted models."""
        return self.state / "models"

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
        """Return the record of what the warehouse was last built from."""
        return self.state / "built.json"

    @property
    def compiled(self) -> Path:
        """Return the folder of the compiled SQL of each model and test, as in a full build."""
        return self.dbt / "compiled"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    def where(self, *place: str) -> str:
        """Return the file, line and key of a setting, for errors."""
        return format_where(self.root / FILE_NAME, self._lines, place)

    def mappings_of(self, entity: str) -> dict[str, EntityMapping]:
        """Return source -> mapping, for the sources that fill an entity, in the order of the file."""
        return {name: source.entities[entity] for name, source in self.mappings.items() if entity in source.entities}

    def orders_as_lines(self) -> dict[str, EntityMapping]:
        """Return source -> mapping, for the sources whose orders become one line each.

        These map an order's amount, and no source gives lines of the same orders. Where one does, in the same source or
        by order ids that are shared in the shop, the amount is a control total: the lines count.
        """
        return find_orders_as_lines(self.mappings)

    @cached_property
    def order_values(self) -> OrderValues:
        """Return what order lines take over from their orders, beyond their own rows."""
        return find_order_values(self.mappings, self.settings.orders.refunded_statuses)

    def mapped_entities(self) -> dict[str, Entity]:
        """Return the canonical entities that some source fills, by name."""
        return {name: entity for name, entity in load_entities().items() if self.mappings_of(name)}

    def mapped_columns(self) -> dict[str, list[str]]:
        """Return entity -> the canonical columns that some source fills."""
        columns: dict[str, list[str]] = {}
        as_lines = self.orders_as_lines()
        for name, source in self.settings.sources.items():
            filled = dict(source.entities)
            if name in as_lines:
                filled["order_lines"] = filled["orders"]
            for entity, mapping in filled.items():
                columns[entity] = list(dict.fromkeys([*columns.get(entity, []), *mapping.columns]))
        if "order_lines" in columns:
            columns["order_lines"] = list(dict.fromkeys([*columns["order_lines"], *self.order_values.inherited]))
        return columns

    def required_columns(self, source: str) -> list[str]:
        """Return the columns that a source's files must have, because a mapping, filter or lookup reads them."""
        mapping = self.mappings[source]
        conditions = (condition for entity in mapping.entities.values() for condition in entity.conditions)
        keys = (own for lookup in mapping.lookups.values() for own in lookup.values())
        times = self.settings.sources[source].rebuilt_times
        read = [join_nested(entity.explode) for entity in mapping.entities.values() if entity.explode]
        read += self._mapped_columns_of(source, optional=False)
        read += [name for expression in (*conditions, *keys) for name in expression.columns]
        read += times.columns if times else ()
        read += mapping.extract_stamp.columns if mapping.extract_stamp else ()
        return self._drop_added(source, read) + self._find_lookups_into(source)

    def optional_columns(self, source: str) -> list[str]:
        """Return the optional columns of a source's files, which a mapping reads if they exist."""
        required = {column_key(name) for name in self.required_columns(source)}
        optional = self._drop_added(source, self._mapped_columns_of(source, optional=True))
        return [name for name in optional if column_key(name) not in required]

    def _mapped_columns_of(self, source: str, *, optional: bool) -> list[str]:
        """Return the columns that a source's mappings read, either the optional or the required ones."""
        return [
            name
            for mapping in self.mappings[source].entities.values()
            for column in mapping.columns.values()
            if column.optional == optional
            for name in column.columns
        ]

    def _drop_added(self, source: str, names: list[str]) -> list[str]:
        """Drop duplicates, and columns that are looked up or rebuilt, from names of columns."""
        settings = self.settings.sources[source]
        added = tuple(added_name(name, "") for name in settings.lookups)
        own = [FILE_COLUMN, *(ADDED_BY_TIMES if settings.rebuilt_times else ())]
        own += [POSITION] if any(entity.explode for entity in settings.entities.values()) else []
        return [name for name in dict.fromkeys(names) if name not in own and not (added and name.startswith(added))]

    def _find_lookups_into(self, source: str) -> list[str]:
        """Return the key columns by which other sources look into a source."""
        sources = self.settings.sources.values()
        into = (
            lookup for other in sources for name, lookup in other.lookups.items() if (lookup.source or name) == source
        )
        return list(dict.fromkeys(column for lookup in into for column in lookup.on))
