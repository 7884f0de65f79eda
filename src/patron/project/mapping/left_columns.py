"""Which of a source's columns the mappings read, which are left on purpose, and which nothing mentions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from patron.errors import SettingsError
from patron.ingest.column_names import split_nested
from patron.project.mapping.expressions import Expression, added_name, column_key
from patron.project.mapping.lookups import lookup_source
from patron.project.mapping.mappings import SourceMapping
from patron.project.settings import ProjectSettings
from patron.project.settings.yaml_file import Place, format_where


def check_left(
    settings: ProjectSettings, mappings: Mapping[str, SourceMapping], path: Path, lines: dict[Place, int]
) -> None:
    """Refuse columns that are listed as left and read all the same. Raises SettingsError."""
    for source, own in settings.sources.items():
        read = find_read_columns(settings, mappings, source) if own.left else set()
        for name in own.left:
            if column_key(name) in read:
                where = format_where(path, lines, ("sources", source, "left", name))
                what = f"{name!r} is listed as left, and the mapping reads it."
                raise SettingsError(what, where=where, do="remove it from `left`, or from the mapping")


def find_unmentioned(
    settings: ProjectSettings, mappings: Mapping[str, SourceMapping], source: str, columns: list[str]
) -> list[str]:
    """List those of a source's columns that nothing reads and that are not listed as left."""
    if _takes_all(mappings[source]):
        return []
    known = find_read_columns(settings, mappings, source) | {column_key(name) for name in settings.sources[source].left}
    return [name for name in columns if column_key(name) not in known]


def find_read_columns(settings: ProjectSettings, mappings: Mapping[str, SourceMapping], source: str) -> set[str]:
    """Find the keys of the columns that mappings read of a source, its own and those of sources that look it up."""
    found = set()
    for other, mapping in mappings.items():
        for column in _list_columns(mapping):
            home, name = _resolve(settings, other, column)
            if home == source:
                found.add(column_key(name))
        for name in mapping.lookups:
            if lookup_source(name, settings.sources[other]) == source:
                found |= {column_key(theirs) for theirs in mapping.lookups[name]}
    if (times := settings.sources[source].rebuilt_times) is not None:
        found |= {column_key(name) for name in times.columns}
    return found


def _list_columns(mapping: SourceMapping) -> Iterator[str]:
    """List the columns that a source's mappings read; of a value inside a column, that column, too."""
    expressions: list[Expression] = [own for lookup in mapping.lookups.values() for own in lookup.values()]
    names = list(mapping.extract_stamp.columns) if mapping.extract_stamp else []
    for entity in mapping.entities.values():
        expressions += entity.conditions
        names += entity.explode[:1]
        for column in entity.columns.values():
            names += column.attributes
            expressions += [column.expression] if column.expression is not None else []
    names += [name for expression in expressions for name in expression.columns]
    for name in names:
        yield from dict.fromkeys([name, split_nested(name)[0]])


def _resolve(settings: ProjectSettings, source: str, column: str) -> tuple[str, str]:
    """Follow a column through lookups to the source that has it."""
    for name in settings.sources[source].lookups:
        prefix = added_name(name, "")
        if column.startswith(prefix):
            into = lookup_source(name, settings.sources[source])
            return _resolve(settings, into, column.removeprefix(prefix))
    return source, column


def _takes_all(mapping: SourceMapping) -> bool:
    """Return whether attributes take every column that nothing else reads."""
    columns = (column for entity in mapping.entities.values() for column in entity.columns.values())
    return any(column.expression is None and not column.attributes for column in columns)
