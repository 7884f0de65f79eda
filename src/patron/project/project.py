"""patron.yaml -> one validated, frozen Project. Nothing downstream reads the file again."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from patron.contract.entities import Column, Entity, entities
from patron.errors import SettingsError
from patron.ingest.connector import Connector, connect
from patron.ingest.source import SourceContext
from patron.project.mapping import expressions
from patron.project.settings import ProjectSettings
from patron.project.settings.errors import explain
from patron.project.settings.rebuilt_times import ADDED_BY_TIMES
from patron.project.settings.sources import MappedColumn, Mapping
from patron.project.settings.yaml_file import Place, read_settings, where_text

FILE_NAME = "patron.yaml"

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
        from patron.project.mapping.validate import check_mappings

        check_mappings(settings, path, lines)
        return cls(root, settings, lines)

    def with_as_of(self, as_of: str | dt.date) -> Project:
        """The same project measured at another day: latest, today, or YYYY-MM-DD."""
        try:
            changed = ProjectSettings.model_validate({**self.settings.model_dump(exclude_unset=True), "as_of": as_of})
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

    def connector(self, source: str) -> Connector:
        """The connector that reads a source."""
        settings = self.settings.sources[source]
        context = SourceContext(
            name=source,
            where=self.where("sources", source, settings.kind.name),
            root=self.root,
            data=self.settings.data,
            required_columns=tuple(self.required_columns(source)),
            optional_columns=tuple(self.optional_columns(source)),
            memory_limit=self.settings.warehouse.memory_limit,
        )
        return connect(settings, context)

    @property
    def lake(self) -> Path:
        return self.root / _STATE / "lake"

    @property
    def history(self) -> Path:
        """What customers were called on the days that were measured."""
        return self.root / _STATE / "history"

    @property
    def audiences(self) -> Path:
        """Who was to be contacted, and who was held out. Kept as history is: no build makes it again."""
        return self.root / _STATE / "audiences"

    @property
    def models(self) -> Path:
        """Fitted models. They are kept as history is: a model says what was known when it was fitted."""
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

    def orders_as_lines(self) -> dict[str, Mapping]:
        """Source name -> mapping, for the sources whose orders become one line each: those that say what an order
        came to, and give no lines. Orders without an amount are the heads of lines that look into them.
        """
        lines = self.mappings_of("order_lines")
        orders = self.mappings_of("orders").items()
        return {name: m for name, m in orders if name not in lines and "order_amount" in m.columns}

    def mapped_entities(self) -> dict[str, Entity]:
        """The canonical entities that some source fills."""
        return {name: entity for name, entity in entities().items() if self.mappings_of(name)}

    def mapped_columns(self) -> dict[str, list[str]]:
        """Entity -> the canonical columns that some source fills."""
        columns: dict[str, list[str]] = {}
        as_lines = self.orders_as_lines()
        for name, source in self.settings.sources.items():
            filled = dict(source.entities)
            if name in as_lines:
                filled["order_lines"] = filled["orders"]
            for entity, mapping in filled.items():
                columns[entity] = list(dict.fromkeys([*columns.get(entity, []), *mapping.columns]))
        return columns

    def required_columns(self, source: str) -> list[str]:
        """The columns that a source's files must have, because a mapping or a filter reads them."""
        mappings = self.settings.sources[source].entities.values()
        needed = self._mapped_texts(source, optional=False)
        needed += [text for m in mappings for text in (m.where, m.deleted_when) if text]
        return self._own_columns(source, [*needed, *self._added_by(source)]) + self._looked_up_in(source)

    def optional_columns(self, source: str) -> list[str]:
        """The columns that a source's files may lack, and that a mapping reads where they have them."""
        texts = self._mapped_texts(source, optional=True)
        needed = {expressions.column_key(name) for name in self.required_columns(source)}
        return [name for name in self._own_columns(source, texts) if expressions.column_key(name) not in needed]

    def _mapped_texts(self, source: str, *, optional: bool) -> list[str]:
        """The expressions of a source's mappings, where files may lack their columns, or may not."""
        return [
            text
            for entity, mapping in self.settings.sources[source].entities.items()
            for name, column in mapping.columns.items()
            if column.optional == optional
            for text in mapped_texts(entities()[entity].columns[name], column)
        ]

    def _added_by(self, source: str) -> list[str]:
        """The expressions by which a source's rows get columns that its files do not have."""
        settings = self.settings.sources[source]
        keys = [own for lookup in settings.lookups.values() for own in lookup.on.values()]
        times = settings.rebuilt_times.columns if settings.rebuilt_times else ()
        return keys + [f'"{name}"' for name in times]

    def _own_columns(self, source: str, texts: list[str]) -> list[str]:
        """The columns of several expressions, in order of appearance, without repeats and without what is added."""
        settings = self.settings.sources[source]
        read = (expressions.columns_of(expressions.parse(text, source, settings.lookups)) for text in texts)
        added = tuple(expressions.added_name(name, "") for name in settings.lookups)
        times = ADDED_BY_TIMES if settings.rebuilt_times else ()
        names = dict.fromkeys(name for names in read for name in names)
        return [name for name in names if name not in times and not (added and name.startswith(added))]

    def _looked_up_in(self, source: str) -> list[str]:
        """The key columns by which others look into a source."""
        sources = self.settings.sources.values()
        into = (
            lookup for other in sources for name, lookup in other.lookups.items() if (lookup.source or name) == source
        )
        return list(dict.fromkeys(column for lookup in into for column in lookup.on))


def mapped_texts(column: Column, mapped: MappedColumn) -> list[str]:
    """The expressions that fill a canonical column: one, or of attributes each column that they name."""
    if column.type != "attributes":
        return [mapped.expression]
    return [expressions.quoted(name, expressions.READ_DIALECT) for name in mapped.listed]
