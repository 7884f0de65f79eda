"""The columns of all tables of a project, each with what it is made of, as one graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from patron.transform.lineage.origin import ROWS, ColumnName, Origin
from patron.transform.lineage.predicted import MADE_FROM
from patron.transform.lineage.relation import Relation, count_rows, read_table
from patron.transform.lineage.trace_select import trace_select
from patron.transform.node import Node


@dataclass(frozen=True)
class Lineage:
    """The lineage of a project.

    tables: model, as schema.name -> its columns, each with its origin; ROWS is the origin of its rows. passed: model ->
    the tables of which it has every column, named as there.
    """

    tables: Mapping[str, Mapping[str, Origin]]
    passed: Mapping[str, tuple[str, ...]]

    def origin_of(self, column: ColumnName) -> Origin | None:
        """Return what a column is made of; None for a column of a table that no model makes."""
        table, name = column
        known = self.tables.get(table)
        if known is None:
            return self._predicted.get(table)
        if name.lower() in known or not self.passed.get(table):
            return known.get(name.lower(), Origin())
        return Origin(frozenset((each, name) for each in self.passed[table]), "copied")

    @cached_property
    def _predicted(self) -> dict[str, Origin]:
        """Table of predictions -> the columns of what it is made from."""
        return {
            table: Origin(frozenset((each, name) for each in read for name in self.list_columns(each)), "predicted")
            for table, read in MADE_FROM.items()
        }

    def list_columns(self, table: str) -> list[str]:
        """List the columns of a table that a model makes, in its order."""
        return [name for name in self.tables.get(table, ()) if name != ROWS]

    def trace_up(self, start: ColumnName, *, through_predictions: bool = True) -> dict[ColumnName, Origin | None]:
        """Return every column that one is made of, itself first, each with its own origin.

        through_predictions: whether what a prediction is fitted on counts, too.
        """
        found: dict[ColumnName, Origin | None] = {}
        edge = [start]
        while edge:
            column = edge.pop(0)
            if column not in found:
                origin = found[column] = self.origin_of(column)
                if origin and (through_predictions or origin.kind != "predicted"):
                    edge += sorted(origin.columns)
        return found

    def trace_down(self, start: ColumnName, *, through_predictions: bool = True) -> dict[ColumnName, Origin | None]:
        """Return every column that is made of one, itself first, each with what it takes of these alone."""
        reached, edge = {start}, [start]
        while edge:
            for reader in self._readers.get(edge.pop(0), ()):
                if reader not in reached and (through_predictions or reader[0] not in MADE_FROM):
                    reached.add(reader)
                    edge.append(reader)
        found: dict[ColumnName, Origin | None] = {}
        for column in [start, *sorted(reached - {start})]:
            origin = self.origin_of(column)
            found[column] = origin and Origin(origin.columns & reached, origin.kind)
        return found

    @cached_property
    def _readers(self) -> dict[ColumnName, list[ColumnName]]:
        readers: dict[ColumnName, list[ColumnName]] = {}
        for reader in self.columns:
            origin = self.origin_of(reader)
            for column in origin.columns if origin else ():
                readers.setdefault(column, []).append(reader)
        return readers

    @cached_property
    def columns(self) -> frozenset[ColumnName]:
        """Every column that a model makes or reads, those of sources included; sources have those that are read."""
        found = {(table, name) for table, columns in self.tables.items() for name in columns}
        edge = list(found)
        while edge:
            origin = self.origin_of(edge.pop())
            further = (origin.columns if origin else frozenset()) - found
            found |= further
            edge += further
        return frozenset(found)


def trace_project(nodes: Iterable[Node], dialect: str) -> Lineage:
    """Trace every model of a compiled project. dialect: of its SQL, as sqlglot names it."""
    from sqlglot import parse_one

    models = {node.name: node for node in nodes if node.kind != "test"}
    tables: dict[str, dict[str, Origin]] = {}
    passed: dict[str, tuple[str, ...]] = {}
    lists = {f"{node.schema}.{node.name}".lower() for node in models.values() if node.kind == "seed"}

    def read(table: str) -> Relation:
        name = table.lower()
        if name in tables:
            columns = [one for one in tables[name] if one != ROWS]
            return read_table(name, columns, passes_on=bool(passed[name]), is_list=name in lists)
        return Relation(passes_on=(name,), rows=count_rows(name))

    for node in _sort(models):
        table = f"{node.schema}.{node.name}".lower()
        if node.kind == "seed":
            header = node.code.partition("\n")[0].strip().split(",")
            tables[table], passed[table] = {name.strip('"').lower(): Origin() for name in header}, ()
            continue
        made = trace_select(parse_one(node.code, dialect=dialect), read)
        tables[table], passed[table] = {**made.columns, ROWS: made.rows}, tuple(dict.fromkeys(made.passes_on))
    return Lineage(tables, passed)


def _sort(models: Mapping[str, Node]) -> list[Node]:
    """The models, each after those that it reads."""
    found: dict[str, Node] = {}

    def add(name: str) -> None:
        if name not in found and name in models:
            for parent in models[name].parents:
                add(parent)
            found[name] = models[name]

    for name in sorted(models):
        add(name)
    return list(found.values())
