"""Finds which of the user's files are exports of a platform, by their columns, and fits its preset to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from patron.errors import SettingsError, did_you_mean
from patron.examples.first_mapping.tables import Table
from patron.project.mapping.expressions import column_key
from patron.project.project import Project
from patron.project.settings import ProjectSettings
from patron.project.settings.yaml_file import read_settings

_FEWEST_COLUMNS = 8
_LEAST_SHARE = 0.5
"""The share of a preset's columns by which files are recognised without the platform being named."""


@dataclass(frozen=True)
class Preset:
    """A platform's patron.yaml. needed, known: source -> the columns that its files must have, and may have."""

    name: str
    text: str
    needed: dict[str, tuple[str, ...]]
    known: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Match:
    """The tables that fit a preset: source -> table; and the columns among them that it reads."""

    preset: Preset
    tables: dict[str, Table]
    columns: int


def list_presets() -> list[str]:
    """List the platforms that have a preset."""
    folder = Path(str(resources.files("patron").joinpath("examples", "presets")))
    return sorted(path.stem for path in folder.glob("*.yaml"))


@cache
def load_preset(name: str) -> Preset:
    """Load a preset. Raises SettingsError for an unknown platform."""
    if name not in list_presets():
        do = did_you_mean(name, list_presets(), f"platforms: {', '.join(list_presets())}")
        raise SettingsError(f"There is no preset {name!r}.", where="--from", do=do)
    path = Path(str(resources.files("patron").joinpath("examples", "presets", f"{name}.yaml")))
    content, lines = read_settings(path)
    project = Project(path.parent, ProjectSettings.model_validate(content), lines)
    needed = {source: tuple(project.required_columns(source)) for source in project.mappings}
    optional = {source: tuple(project.optional_columns(source)) for source in project.mappings}
    known = {source: (*needed[source], *optional[source]) for source in needed}
    return Preset(name, path.read_text(encoding="utf-8"), needed, known)


def match_preset(preset: Preset, tables: list[Table]) -> Match | None:
    """Find the tables that have the columns of each source of a preset; None where none has those of any."""
    found = {}
    for source, needed in preset.needed.items():
        fitting = [table for table in tables if not _list_missing(needed, table)]
        if fitting:
            found[source] = max(fitting, key=lambda table: _count_known(preset.known[source], table))
    columns = sum(_count_known(preset.known[source], table) for source, table in found.items())
    return Match(preset, found, columns) if found else None


def recognize(tables: list[Table]) -> Match | None:
    """Recognise the platform from which tables come, by most of the columns of its preset; None if there is none."""
    matches = [match for name in list_presets() if (match := match_preset(load_preset(name), tables)) is not None]
    sure = [match for match in matches if match.columns >= max(_FEWEST_COLUMNS, _LEAST_SHARE * _count_all(match))]
    return max(sure, key=lambda match: match.columns, default=None)


def explain_no_match(preset: Preset, tables: list[Table]) -> str:
    """Say which columns the nearest table lacks."""
    needed = next(iter(preset.needed.values()))
    if not tables:
        return "there are no files that can be read"
    nearest = min(tables, key=lambda table: len(_list_missing(needed, table)))
    return f"the nearest, {nearest.patterns[0]}, has no column {', '.join(map(repr, _list_missing(needed, nearest)))}"


def fit(match: Match, currency: str | None, tax: str | None) -> str:
    """Write the preset for the tables that it matches: their patterns, the currency, and no source without files.

    tax: how prices treat it, where the exports' totals prove it.
    """
    lines, source = [], ""
    for line in match.preset.text.splitlines():
        if named := re.match(r"  (\w+):( +#.*)?$", line):
            source = named[1]
        elif line and not line.startswith(" "):
            source = ""
        if source in match.preset.needed and source not in match.tables:
            continue
        if source and re.match(r"    files:", line):
            patterns = ", ".join(f'"{pattern}"' for pattern in match.tables[source].patterns)
            line = f"    files: [{patterns}]"  # noqa: PLW2901
        elif currency and line.startswith("  currency:"):
            line = re.sub(r"currency: \w+", f"currency: {currency}", line)  # noqa: PLW2901
        elif tax and line.startswith("  tax:"):
            line = f"  tax: {tax:<19}# the totals of the export say so"  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines) + "\n"


def _list_missing(needed: tuple[str, ...], table: Table) -> list[str]:
    there = {column_key(name) for name in table.columns}
    return [name for name in needed if column_key(name) not in there]


def _count_known(known: tuple[str, ...], table: Table) -> int:
    there = {column_key(name) for name in table.columns}
    return sum(column_key(name) in there for name in known)


def _count_all(match: Match) -> int:
    return sum(len(match.preset.known[source]) for source in match.tables)
