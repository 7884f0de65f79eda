"""Parses mappings and checks what needs no data: known entities and columns, sound expressions, complete keys."""

from __future__ import annotations

import re
from pathlib import Path

from patron.contract.entities import Entity, load_entities
from patron.errors import SettingsError, did_you_mean
from patron.ingest.column_names import split_nested
from patron.ingest.number_formats import NUMBER_FORMATS
from patron.project.mapping.expressions import Expression, column_key
from patron.project.mapping.left_columns import check_left
from patron.project.mapping.lookups import parse_lookups
from patron.project.mapping.mappings import ColumnMapping, EntityMapping, SourceMapping
from patron.project.mapping.order_amounts import check_prices
from patron.project.mapping.order_values import (
    WHOLE_ORDER_AMOUNTS,
    check_looked_up_amounts,
    check_order_amounts,
    check_order_values,
    check_taxes,
)
from patron.project.mapping.time_words import TIME_WORDS
from patron.project.settings import ProjectSettings
from patron.project.settings.sources import MappedColumn, Mapping, Source
from patron.project.settings.yaml_file import Place, format_where


def parse_mappings(settings: ProjectSettings, path: Path, lines: dict[Place, int]) -> dict[str, SourceMapping]:
    """Parse and check the mappings of every source.

    Raises SettingsError for the first that contradicts the contract or itself.
    """
    lookups = parse_lookups(settings, path, lines)
    mappings = {
        name: SourceMapping(
            _parse_source(settings, name, path, lines), lookups[name], _parse_stamp(settings, name, path, lines)
        )
        for name in settings.sources
    }
    check_order_values(mappings)
    check_looked_up_amounts(mappings)
    check_order_amounts(mappings, settings.orders.amount)
    check_taxes(mappings, settings.orders.tax, settings.orders.amount, format_where(path, lines, ("orders", "tax")))
    check_prices(mappings)
    check_left(settings, mappings, path, lines)
    return mappings


def _parse_source(
    settings: ProjectSettings, name: str, path: Path, lines: dict[Place, int]
) -> dict[str, EntityMapping]:
    source, parsed = settings.sources[name], dict[str, EntityMapping]()
    for entity, mapping in source.entities.items():
        place: Place = ("sources", name, "entities", entity)
        if entity not in load_entities():
            raise _explain_unknown("entity", entity, list(load_entities()), format_where(path, lines, place))
        parsed[entity] = _EntityParser(load_entities()[entity], mapping, source, path, lines, place).parse()
    return parsed


def _parse_stamp(settings: ProjectSettings, name: str, path: Path, lines: dict[Place, int]) -> ColumnMapping | None:
    """Parse the time stamp of a source's full extracts. Raises SettingsError if the source tells its own changes."""
    source = settings.sources[name]
    if source.full_extract is None:
        return None
    where = format_where(path, lines, ("sources", name, "full_extract", "stamp"))
    if source.kind.is_changelog:
        what = "A table's rows are compared with those that landed before, so none of its landings is a full extract."
        raise SettingsError(what, where=where, do="remove full_extract")
    for fmt in source.full_extract.format:
        check_time_format(fmt, format_where(path, lines, ("sources", name, "full_extract", "format")))
    return ColumnMapping(where, Expression.parse(source.full_extract.stamp, where), (), source.full_extract.format)


def personal_columns(entity: Entity, columns: dict[str, ColumnMapping]) -> dict[str, str]:
    """Return the key of each source column that fills a personal column of the contract -> that column.

    Of a nested value, such as `customer.email`, also that of the column which holds it.
    """
    return {
        column_key(read): name
        for name, column in columns.items()
        if entity.columns[name].pii
        for full in column.columns
        for read in (full, split_nested(full)[0])
    }


class _EntityParser:
    def __init__(
        self, entity: Entity, mapping: Mapping, source: Source, path: Path, lines: dict[Place, int], place: Place
    ) -> None:
        self.entity, self.mapping, self.source = entity, mapping, source
        self.path, self.lines, self.place = path, lines, place

    def where(self, *parts: str) -> str:
        return format_where(self.path, self.lines, (*self.place, *parts))

    def parse(self) -> EntityMapping:
        columns = {name: self._parse_column(name, column) for name, column in self.mapping.columns.items()}
        where, deleted_when = self._parse_condition("where"), self._parse_condition("deleted_when")
        self._check_attributes(columns)
        self._check_required()
        self._check_key()
        self._check_fill_down()
        self._check_own_amounts()
        self._check_whole_orders()
        return EntityMapping(
            columns,
            where,
            deleted_when,
            key=self.mapping.key,
            namespace=dict(self.mapping.namespace),
            fill_down=self.mapping.fill_down,
            whole_orders=self.mapping.whole_orders,
            own_amounts=self.mapping.own_amounts,
            explode=self._parse_explode(),
            numbers_restart=self._check_numbers_restart(),
        )

    def _parse_explode(self) -> tuple[str, ...]:
        """Return the keys that lead to the list. Raises SettingsError where its elements could not be told apart."""
        if self.mapping.explode is None:
            return ()
        where = self.where("explode")
        if self.source.kind.is_changelog:
            what = "explode cannot follow the changes of a table: it does not say which elements of a list are gone."
            raise SettingsError(what, where=where, do="read the table of the elements itself as a source")
        return split_nested(self.mapping.explode.strip())

    def _parse_column(self, name: str, column: MappedColumn) -> ColumnMapping:
        where = self.where("columns", name)
        if name not in self.entity.columns:
            raise _explain_unknown("column", name, list(self.entity.columns), where)
        if self.entity.columns[name].type == "attributes":
            return ColumnMapping(where, None, column.listed, column.format, column.optional)
        if column.attributes:
            what = f"{name} takes one value; a list of columns is for a column of attributes."
            raise SettingsError(what, where=where, do="write one column or expression")
        parsed = Expression.parse(column.expression, where, self.source.lookups, has_nested=True)
        self._check_format(name, column)
        self._check_optional(name, column)
        return ColumnMapping(where, parsed, (), column.format, column.optional)

    def _parse_condition(self, setting: str) -> Expression | None:
        text = getattr(self.mapping, setting)
        where = self.where(setting)
        return None if text is None else Expression.parse(text, where, self.source.lookups, has_nested=True)

    def _check_optional(self, name: str, column: MappedColumn) -> None:
        if column.optional and self.entity.columns[name].required:
            means = self.entity.columns[name].means
            what = f"{self.entity.name} needs {name} ({means}) in every row, so it cannot be optional."
            do = "remove `optional`, or write an expression that always has a value"
            raise SettingsError(what, where=self.where("columns", name, "optional"), do=do)

    def _check_attributes(self, columns: dict[str, ColumnMapping]) -> None:
        """Refuse attributes of a column that fills a personal one, as attributes appear in tables of groups."""
        personal = personal_columns(self.entity, columns)
        for name, column in columns.items():
            if column.expression is None:
                self._check_attribute_names(name, column, personal)

    def _check_attribute_names(self, name: str, column: ColumnMapping, personal: dict[str, str]) -> None:
        if column.format:
            do = "remove the format; attributes are kept as text"
            raise SettingsError(f"{name} has no format.", where=self.where("columns", name, "format"), do=do)
        seen: set[str] = set()
        for listed in column.attributes:
            key = column_key(listed)
            if key in seen:
                do = "name it once"
                raise SettingsError(f"{name} lists {listed!r} twice.", where=column.where, do=do)
            if key in personal:
                what = f"{listed!r} fills {personal[key]}, which is personal, and attributes are shown in gold."
                raise SettingsError(what, where=column.where, do=f"remove {listed!r} from {name}")
            seen.add(key)

    def _check_required(self) -> None:
        for column in self.entity.columns.values():
            is_replaced = column.unless in self.mapping.columns
            if (
                column.required
                and column.default is None
                and not is_replaced
                and column.name not in self.mapping.columns
            ):
                what = f"{self.entity.name} needs {column.name} ({column.means}), but the mapping has no such column."
                do = f"add `{column.name}: <column or expression>`"
                do += f", or {column.unless} ({self.entity.columns[column.unless].means})" if column.unless else ""
                raise SettingsError(what, where=self.where("columns"), do=do)

    def _check_key(self) -> None:
        lines = load_entities()["order_lines"].columns
        for name in self.mapping.key:
            if self.entity.name == "orders" and name not in lines:
                what = f"Orders become one line each, and lines have no {name!r} that a key could name."
                known = ", ".join(column for column in self.mapping.columns if column in lines)
                raise SettingsError(what, where=self.where("key"), do=f"a key of: {known}")
            if name not in self.mapping.columns:
                what = f"The key names {name!r}, which the mapping does not have."
                raise SettingsError(what, where=self.where("key"), do=f"map {name!r}, or remove it from the key")
        has_own_key = self.source.kind.is_changelog or self.entity.kind != "event"
        if self.mapping.deleted_when is not None and not has_own_key and not self.mapping.key:
            what = "deleted_when deletes by key, but the mapping has no key."
            raise SettingsError(
                what, where=self.where("deleted_when"), do="add `key:` with the columns of an event's id"
            )
        for name in self.mapping.namespace:
            if name not in self.entity.columns or self.entity.columns[name].type != "id":
                ids = [c.name for c in self.entity.columns.values() if c.type == "id"]
                raise _explain_unknown("id column", name, ids, self.where("namespace", name))

    def _check_fill_down(self) -> None:
        where = self.where("fill_down")
        if self.mapping.fill_down and self.entity.name != "order_lines":
            what = f"fill_down fills the lines of an order; {self.entity.name} are not lines."
            raise SettingsError(what, where=where, do="remove fill_down")
        for name in self.mapping.fill_down:
            if name not in self.mapping.columns or name == self.entity.id:
                known = ", ".join(column for column in self.mapping.columns if column != self.entity.id)
                what = f"fill_down names {name!r}, which cannot be filled."
                raise SettingsError(what, where=where, do=f"name columns of the mapping: {known}")
            if self.entity.columns[name].type in ("amount", "quantity") and name not in WHOLE_ORDER_AMOUNTS:
                whole = next((whole for whole, line in WHOLE_ORDER_AMOUNTS.items() if line == name), None)
                what = f"fill_down would repeat {name} on each line of the order, and count it as often."
                do = f"map it as {whole}, which is shared out over the lines" if whole else "remove it from fill_down"
                raise SettingsError(what, where=where, do=do)

    def _check_own_amounts(self) -> None:
        for name in self.mapping.own_amounts:
            if name not in self.mapping.columns or self.entity.columns[name].type != "amount":
                known = ", ".join(c for c in self.mapping.columns if self.entity.columns[c].type == "amount")
                what = f"own_amounts names {name!r}, which is no amount of the mapping."
                raise SettingsError(what, where=self.where("own_amounts"), do=f"name some of: {known}")

    def _check_numbers_restart(self) -> str | None:
        restart = self.mapping.numbers_restart
        if restart and self.entity.name not in ("order_lines", "orders"):
            what = f"numbers_restart is of the numbers of orders; {self.entity.name} have none of their own."
            raise SettingsError(what, where=self.where("numbers_restart"), do="remove numbers_restart")
        return restart

    def _check_whole_orders(self) -> None:
        if not self.mapping.whole_orders:
            return
        where = self.where("whole_orders")
        if self.entity.name != "order_lines":
            what = f"whole_orders says which lines of an order are gone; {self.entity.name} are not lines."
            raise SettingsError(what, where=where, do="remove whole_orders")
        if self.mapping.key:
            what = "With whole_orders, the newest file with an order says which lines it has; a key says it by line."
            raise SettingsError(what, where=where, do="remove `key:`, or whole_orders")
        if "updated_at" not in self.mapping.columns:
            what = "whole_orders needs updated_at, to tell which of two files with an order is newer."
            do = "map the export's own time stamp as updated_at: a column, or a part of the file's name, such as "
            do += "regexp_extract(_source_file, '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
            raise SettingsError(what, where=where, do=do)

    def _check_format(self, name: str, column: MappedColumn) -> None:
        kind = self.entity.columns[name].sql_type
        where = self.where("columns", name, "format")
        for fmt in column.format:
            if kind in ("timestamp", "date"):
                check_time_format(fmt, where)
            elif kind in ("text", "boolean"):
                what = f"{name} is {kind}; a format is for times and numbers."
                raise SettingsError(what, where=where, do="remove the format")
            elif fmt not in NUMBER_FORMATS:
                do = f"allowed: {' | '.join(NUMBER_FORMATS)}"
                raise SettingsError(f"{fmt!r} is not a sample of a number.", where=where, do=do)


def check_time_format(fmt: str, where: str) -> None:
    """Refuse a format of times that is neither a known word nor strptime's. Raises SettingsError."""
    if fmt in TIME_WORDS:
        return
    if "%" not in fmt:
        do = f"write such as %d/%m/%Y %H:%M, or one of: {', '.join(TIME_WORDS)}"
        raise SettingsError(f"The format {fmt!r} has no % code.", where=where, do=do)
    odd = [letter for letter in re.findall(r"%-?(.)", fmt) if letter not in "YymdHIMSfpbBjzZaAT%"]
    if odd:
        raise SettingsError(
            f"The format {fmt!r} has the unknown code %{odd[0]}.", where=where, do="use %Y %m %d %H %M %S"
        )


def _explain_unknown(what: str, name: str, known: list[str], where: str) -> SettingsError:
    do = did_you_mean(name, known, f"allowed: {', '.join(known)}")
    return SettingsError(f"There is no {what} {name!r} in the contract.", where=where, do=do)
