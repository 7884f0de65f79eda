"""The checks of a mapping that need no data: known entities and columns, sound expressions, whole keys."""

from __future__ import annotations

import re
from pathlib import Path

from patron.contract.entities import Entity, entities
from patron.errors import SettingsError, did_you_mean
from patron.project.mapping import expressions
from patron.project.mapping.lookups import check_lookups
from patron.project.settings import ProjectSettings
from patron.project.settings.sources import MappedColumn, Mapping
from patron.project.settings.yaml_file import Place, where_text

NUMBER_FORMATS = {
    "1234.50": ("", "."),
    "1,234.50": (",", "."),
    "1.234,50": (".", ","),
    "1 234,50": (" ", ","),
    "1 234.50": (" ", "."),
    "1'234.50": ("'", "."),
    "1234,50": ("", ","),
}
"""Sample of a written number -> (thousands separator, decimal separator)."""


def check_mappings(settings: ProjectSettings, path: Path, lines: dict[Place, int]) -> None:
    """Raise SettingsError for the first mapping that contradicts the contract or itself."""
    check_lookups(settings, path, lines)
    for source_name, source in settings.sources.items():
        for entity_name, mapping in source.entities.items():
            place: Place = ("sources", source_name, "entities", entity_name)
            if entity_name not in entities():
                raise _unknown("entity", entity_name, list(entities()), where_text(path, lines, place))
            _Checker(
                entities()[entity_name], mapping, tuple(source.lookups), path, lines, place, source.kind.is_changelog
            ).check()


def personal_columns(entity: Entity, mapping: Mapping, lookups: tuple[str, ...]) -> dict[str, str]:
    """Key of a source's column -> the personal column of the contract that is made of it."""
    return {
        expressions.column_key(read): name
        for name, column in mapping.columns.items()
        if entity.columns[name].pii
        for read in expressions.columns_of(expressions.parse(column.expression, name, lookups))
    }


class _Checker:
    def __init__(
        self,
        entity: Entity,
        mapping: Mapping,
        lookups: tuple[str, ...],
        path: Path,
        lines: dict[Place, int],
        place: Place,
        is_changelog: bool,
    ) -> None:
        self.entity, self.mapping, self.lookups, self.is_changelog = entity, mapping, lookups, is_changelog
        self.path, self.lines, self.place = path, lines, place

    def where(self, *parts: str) -> str:
        return where_text(self.path, self.lines, (*self.place, *parts))

    def check(self) -> None:
        for name, column in self.mapping.columns.items():
            if name not in self.entity.columns:
                raise _unknown("column", name, list(self.entity.columns), self.where("columns", name))
            if self.entity.columns[name].type == "attributes":
                self._check_attributes(name, column)
                continue
            if column.attributes:
                what = f"{name} is one value; a list of columns belongs to a column of attributes."
                raise SettingsError(what, where=self.where("columns", name), do="write one column or expression")
            expressions.parse(column.expression, self.where("columns", name), self.lookups)
            self._check_format(name, column)
            self._check_optional(name, column)
        for setting in ("where", "deleted_when"):
            if (condition := getattr(self.mapping, setting)) is not None:
                expressions.parse(condition, self.where(setting), self.lookups)
        self._check_required()
        self._check_key()

    def _check_optional(self, name: str, column: MappedColumn) -> None:
        if column.optional and self.entity.columns[name].required:
            means = self.entity.columns[name].means
            what = f"{self.entity.name} needs {name} ({means}) in every row, so no file may lack it."
            do = "take `optional` away, or write an expression that always has a value"
            raise SettingsError(what, where=self.where("columns", name, "optional"), do=do)

    def _check_attributes(self, name: str, column: MappedColumn) -> None:
        """Attributes reach tables of groups, so no column that fills a personal one may be among them."""
        if column.format:
            do = "take the format away; attributes are kept as text"
            raise SettingsError(f"{name} has no format.", where=self.where("columns", name, "format"), do=do)
        personal = personal_columns(self.entity, self.mapping, self.lookups)
        seen: set[str] = set()
        for listed in column.listed:
            key = expressions.column_key(listed)
            if key in seen:
                do = "name it once"
                raise SettingsError(f"{name} lists {listed!r} twice.", where=self.where("columns", name), do=do)
            if key in personal:
                what = f"{listed!r} fills {personal[key]}, which is personal, and attributes are shown in gold."
                raise SettingsError(what, where=self.where("columns", name), do=f"take {listed!r} out of {name}")
            seen.add(key)

    def _check_required(self) -> None:
        for column in self.entity.columns.values():
            if column.required and column.default is None and column.name not in self.mapping.columns:
                what = f"{self.entity.name} needs {column.name} ({column.means}), and the mapping does not give it."
                raise SettingsError(
                    what, where=self.where("columns"), do=f"add `{column.name}: <column or expression>`"
                )

    def _check_key(self) -> None:
        lines = entities()["order_lines"].columns
        for name in self.mapping.key:
            if self.entity.name == "orders" and name not in lines:
                what = f"Orders become one line each, and lines have no {name!r} that a key could name."
                known = ", ".join(column for column in self.mapping.columns if column in lines)
                raise SettingsError(what, where=self.where("key"), do=f"a key of: {known}")
            if name not in self.mapping.columns:
                what = f"The key names {name!r}, which the mapping does not give."
                raise SettingsError(what, where=self.where("key"), do=f"map {name!r}, or take it out of the key")
        needs_key = self.entity.kind == "event" and not self.is_changelog  # whose rows have a key of their own
        if self.mapping.deleted_when is not None and needs_key and not self.mapping.key:
            what = "deleted_when says which key a row deletes, and the mapping has no key."
            raise SettingsError(
                what, where=self.where("deleted_when"), do="add `key:` with the columns of an event's id"
            )
        for name in self.mapping.namespace:
            if name not in self.entity.columns or self.entity.columns[name].type != "id":
                ids = [c.name for c in self.entity.columns.values() if c.type == "id"]
                raise _unknown("id column", name, ids, self.where("namespace", name))

    def _check_format(self, name: str, column: MappedColumn) -> None:
        kind = self.entity.columns[name].sql_type
        where = self.where("columns", name, "format")
        for fmt in column.format:
            if kind in ("timestamp", "date"):
                if "%" not in fmt:
                    raise SettingsError(
                        f"The format {fmt!r} has no % letter.", where=where, do="write such as %d/%m/%Y %H:%M"
                    )
                _check_strptime(fmt, where)
            elif kind in ("text", "boolean"):
                what = f"{name} is {kind}; a format belongs to times and numbers."
                raise SettingsError(what, where=where, do="take the format away")
            elif fmt not in NUMBER_FORMATS:
                do = f"allowed: {' | '.join(NUMBER_FORMATS)}"
                raise SettingsError(f"{fmt!r} is no sample of a number.", where=where, do=do)


def _check_strptime(fmt: str, where: str) -> None:
    odd = [letter for letter in re.findall(r"%-?(.)", fmt) if letter not in "YymdHIMSfpbBjzZaAT%"]
    if odd:
        raise SettingsError(
            f"The format {fmt!r} has the unknown letter %{odd[0]}.", where=where, do="use %Y %m %d %H %M %S"
        )


def _unknown(what: str, name: str, known: list[str], where: str) -> SettingsError:
    do = did_you_mean(name, known, f"allowed: {', '.join(known)}")
    return SettingsError(f"There is no {what} {name!r} in the contract.", where=where, do=do)
