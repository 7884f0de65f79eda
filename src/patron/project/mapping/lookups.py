"""Adds columns to a source's rows beyond those of its files: values looked up in other sources, and rebuilt times.

A row landed earlier may get other values when a row of another source lands, without a landing of its own. `outdated`
finds the sources affected; what depends on them is then rebuilt in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SettingsError, did_you_mean
from patron.ingest.column_names import split_nested
from patron.project.mapping.expressions import Expression, added_name
from patron.project.settings.rebuilt_times import ADDED_BY_TIMES
from patron.project.settings.yaml_file import Place, format_where

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.settings import ProjectSettings
    from patron.project.settings.sources import Source

Sources = Mapping[str, "Source"]


def lookup_source(name: str, source: Source) -> str:
    """Return the source that the lookup `name` of `source` looks into."""
    return source.lookups[name].source or name


def has_added_columns(source: Source) -> bool:
    """Return whether a source's rows get columns that its files do not have."""
    return bool(source.lookups or source.rebuilt_times)


def has_own_rows(source: Source) -> bool:
    """Return whether a source's rows differ from those of its files: by added columns, or by which of them count."""
    return has_added_columns(source) or source.full_extract is not None


def sort_by_lookups(sources: Sources) -> list[str]:
    """Sort the sources, each after those that it looks into. Raises SettingsError for a cycle."""
    ordered: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join([*path[path.index(name) :], name])
            raise SettingsError(f"The lookups form a cycle: {circle}.", where=f"sources.{name}.lookups")
        if name not in ordered:
            for lookup in sources[name].lookups:
                visit(lookup_source(lookup, sources[name]), (*path, name))
            ordered.append(name)

    for name in sources:
        visit(name, ())
    return ordered


def parse_lookups(
    settings: ProjectSettings, path: Path, lines: dict[Place, int]
) -> dict[str, dict[str, dict[str, Expression]]]:
    """Parse the keys of every source's lookups: source -> lookup -> {their column: the expression that equals it}.

    Raises SettingsError for a lookup into an unknown source, in a cycle, or by an invalid key, and for a source that
    nothing uses.
    """
    sources = settings.sources
    parsed: dict[str, dict[str, dict[str, Expression]]] = {name: {} for name in sources}
    for name, source in sources.items():
        for lookup, spec in source.lookups.items():
            place: Place = ("sources", name, "lookups", lookup)
            if (into := lookup_source(lookup, source)) not in sources:
                do = did_you_mean(into, sources, f"sources: {', '.join(sources)}")
                raise SettingsError(
                    f"There is no source {into!r} to look up.", where=format_where(path, lines, place), do=do
                )
            parsed[name][lookup] = {
                column: _parse_key(text, format_where(path, lines, (*place, "on", column)), source)
                for column, text in spec.on.items()
            }
    sort_by_lookups(sources)
    looked_into = {lookup_source(lookup, source) for source in sources.values() for lookup in source.lookups}
    for name, source in sources.items():
        if not source.entities and name not in looked_into:
            what = f"The source {name} fills no entity, and no other source looks it up."
            do = "add `entities:` with what its rows are, or remove the source"
            raise SettingsError(what, where=format_where(path, lines, ("sources", name)), do=do)
    return parsed


def _parse_key(text: str, where: str, source: Source) -> Expression:
    """Parse what a lookup's key equals: it may read values inside a column, but nothing looked up, and no element."""
    key = Expression.parse(text, where, has_nested=True)
    lists = {split_nested(mapping.explode)[0] for mapping in source.entities.values() if mapping.explode}
    for name in key.columns:
        first = split_nested(name)[0]
        if first != name and (first in source.lookups or first in lists):
            kind = "looked up itself" if first in source.lookups else "of an element, of which a row has several"
            do = "write one expression over the source's own columns, such as: upper(trim(Country))"
            raise SettingsError(f"The key {text!r} reads {name}, which is {kind}.", where=where, do=do)
    return key


def add_columns(sources: Sources, schemas: Mapping[str, pa.Schema]) -> dict[str, pa.Schema]:
    """Give each source the columns of its rows: its own, then looked-up ones (`orders__status`), then rebuilt times.

    schemas: source -> its columns as they landed.
    """
    import pyarrow as pa

    known = dict[str, pa.Schema]()
    for name in sort_by_lookups(sources):
        fields = list(schemas[name])
        for lookup in sources[name].lookups:
            into = known[lookup_source(lookup, sources[name])]
            fields += [field.with_name(added_name(lookup, field.name)) for field in into]
        if sources[name].rebuilt_times:
            fields += [pa.field(ADDED_BY_TIMES[0], pa.timestamp("us")), pa.field(ADDED_BY_TIMES[1], pa.bool_())]
        known[name] = pa.schema(fields)
    return {name: known[name] for name in sources}
