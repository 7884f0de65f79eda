"""Whether the values that expressions read inside of columns are there: a misspelt key would be NULL in silence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from patron.errors import SettingsError, did_you_mean
from patron.ingest.column_names import join_nested
from patron.project.mapping.expressions import Expression, column_key, find_nested

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.lake import BronzeTable, Lake
    from patron.project.mapping.mappings import SourceMapping
    from patron.project.project import Project

Path = tuple[str, ...]
"""A column, and the keys that lead from it to a value; lists on the way are gone through."""

_LISTED_KEYS = 20


def check_nested_fields(project: Project, lake: Lake, schemas: Mapping[str, pa.Schema]) -> None:
    """Check that each key which expressions read inside of columns has come at least once.

    A key may be missing where nothing has come that could have it, or where the mapping says `optional`. Raises
    SettingsError naming the nearest key.
    """
    for source, mapping in project.mappings.items():
        columns = {column_key(name): name for name in schemas[source].names}
        wanted = dict(_list_paths(project, source, mapping, columns))
        for path, keys in _find_unseen(lake.table(source), wanted).items():
            if keys:
                raise _explain(path, keys, wanted[path])


def _list_paths(
    project: Project, source: str, mapping: SourceMapping, columns: Mapping[str, str]
) -> Iterator[tuple[Path, str]]:
    """Each path that must have come, and those on the way to it, with its place in patron.yaml."""
    for expression in _list_required(mapping):
        for name in expression.columns:
            if found := find_nested(name, columns):
                yield from _list_parts((found[0], *found[1]), expression.where)
    for entity, one in mapping.entities.items():
        if one.explode and column_key(one.explode[0]) in columns:
            where = project.where("sources", source, "entities", entity, "explode")
            yield from _list_parts((columns[column_key(one.explode[0])], *one.explode[1:]), where)


def _list_required(mapping: SourceMapping) -> Iterator[Expression]:
    for lookup in mapping.lookups.values():
        yield from lookup.values()
    for entity in mapping.entities.values():
        yield from (c.expression for c in entity.columns.values() if c.expression is not None and not c.optional)
        yield from entity.conditions


def _list_parts(path: Path, where: str) -> Iterator[tuple[Path, str]]:
    for depth in range(2, len(path) + 1):
        yield path[:depth], where


def _find_unseen(table: BronzeTable, wanted: Iterable[Path]) -> dict[Path, set[str]]:
    """Those paths that no row has, each with the keys that there are in its place."""
    unseen: dict[Path, set[str]] = {path: set() for path in wanted}
    for column in dict.fromkeys(path[0] for path in unseen):
        for value in _read_values(table, column):
            of_column = [path for path in unseen if path[0] == column]
            if not of_column:
                break
            for path in of_column:
                keys = {key for each in _find_objects(value, path[1:-1]) for key in each}
                unseen[path] |= keys
                if path[-1] in keys:
                    del unseen[path]
    return unseen


def _read_values(table: BronzeTable, column: str) -> Iterator[Any]:
    """The values of a column that are lists or objects and not empty."""
    import pyarrow.dataset as ds

    rows = ds.dataset([str(path) for path in table.files()], schema=table.schema())
    for batch in rows.to_batches(columns=[column]):
        for value in batch.column(0).to_pylist():
            if value and (parsed := _parse(value) if isinstance(value, str) else value):
                yield parsed


def _parse(text: str) -> Any:
    if len(text) < 3 or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _find_objects(value: Any, keys: Path) -> Iterator[dict[str, Any]]:
    """The objects that some keys lead to, through any lists."""
    if isinstance(value, list):
        for element in value:
            yield from _find_objects(element, keys)
    elif isinstance(value, dict):
        if not keys:
            yield value
        elif keys[0] in value:
            yield from _find_objects(value[keys[0]], keys[1:])


def _explain(path: Path, keys: set[str], where: str) -> SettingsError:
    holder, listed = join_nested(path[:-1]), sorted(keys)
    more = ", ..." if len(listed) > _LISTED_KEYS else ""
    what = f"Nothing in {holder} has the key {path[-1]!r}; there are {', '.join(listed[:_LISTED_KEYS])}{more}."
    do = "correct the key; if it may be missing, map it as {expression: ..., optional: true}"
    return SettingsError(what, where=where, do=did_you_mean(path[-1], listed, do))
