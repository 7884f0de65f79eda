"""The bad rows of a project by kind: those that could not be read, and those with invalid values."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from patron.errors import NothingBuiltError, SettingsError, did_you_mean
from patron.lake import Lake
from patron.project.project import Project
from patron.transform.quarantine import threshold
from patron.transform.quarantine.kinds import Kind, find_quarantined_kinds, find_unreadable_kinds


@dataclass(frozen=True)
class QuarantineReport:
    """Kinds of bad rows by source, the most common first. built_at: the time of the build that quarantined them."""

    built_at: dt.datetime
    kinds: list[Kind]

    @property
    def quarantined_rows(self) -> int:
        """The number of quarantined rows; a row that is bad for two entities counts twice."""
        return sum(kind.rows for kind in self.kinds if kind.kind == "quarantined")

    @property
    def unreadable_rows(self) -> int:
        """The number of rows that could not be read."""
        return sum(kind.rows for kind in self.kinds if kind.kind == "unreadable")

    def as_dict(self) -> dict[str, Any]:
        """The report as `patron quarantine --json` prints it."""
        return {
            "built_at": self.built_at,
            "rows_quarantined": self.quarantined_rows,
            "rows_unreadable": self.unreadable_rows,
            "kinds": [asdict(kind) for kind in self.kinds],
        }


def quarantine(project: Project, *, source: str | None = None, samples: int = 3) -> QuarantineReport:
    """List every kind of bad row with its count, its files and up to `samples` rows as they came.

    Reads what the last build left beside the warehouse, and the lake: it never waits for a run, and no run waits for
    it. Raises SettingsError for an unknown source, NothingBuiltError before the first run.
    """
    names = select_sources(project, source)
    path, lake = threshold.quarantined_rows_path(project), Lake(project.lake)
    if not path.is_file():
        do = "run `patron run`; with --full-refresh, if it says that nothing is new"
        raise NothingBuiltError("There are no bad rows to show before the first build.", where=str(path), do=do)
    kinds: list[Kind] = []
    for name in names:
        kinds += find_quarantined_kinds(path, name, samples=samples)
        kinds += find_unreadable_kinds(lake, name, samples=samples)
    return QuarantineReport(dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC), kinds)


def select_sources(project: Project, source: str | None) -> list[str]:
    """The named source, or all of them. Raises SettingsError for an unknown one, with the nearest name."""
    known = list(project.settings.sources)
    if source is None:
        return known
    if source not in known:
        do = did_you_mean(source, known) or f"sources: {', '.join(known)}"
        raise SettingsError(f"There is no source {source!r}.", where="--source", do=do)
    return [source]
