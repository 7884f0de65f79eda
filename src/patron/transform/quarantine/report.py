"""The bad rows of a project, by kind: those that could not be read, and those whose values do not fit."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from patron.errors import NothingBuiltError, SettingsError, did_you_mean
from patron.lake import Lake
from patron.project.project import Project
from patron.transform.quarantine import threshold as bad_rows
from patron.transform.quarantine.kinds import Kind, quarantined_kinds, unreadable_kinds


@dataclass(frozen=True)
class QuarantineReport:
    """Kinds of bad rows, by source, the most common first. built_at: the build that the quarantined ones are of."""

    built_at: dt.datetime
    kinds: list[Kind]

    @property
    def quarantined_rows(self) -> int:
        """A row that is bad for two entities counts twice."""
        return sum(kind.rows for kind in self.kinds if kind.kind == "quarantined")

    @property
    def unreadable_rows(self) -> int:
        return sum(kind.rows for kind in self.kinds if kind.kind == "unreadable")

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "built_at": self.built_at,
            "rows_quarantined": self.quarantined_rows,
            "rows_unreadable": self.unreadable_rows,
            "kinds": [asdict(kind) for kind in self.kinds],
        }


def quarantine(project: Project, *, source: str | None = None, samples: int = 3) -> QuarantineReport:
    """Every kind of bad row with its count, the files it comes from, and some rows as they came.

    Reads what the last build left beside the warehouse and the lake's committed rows: it never waits for a run,
    and none has to wait for it. Raises SettingsError for an unknown source, NothingBuiltError before the first run.
    """
    names = sources_named(project, source)
    path, lake = bad_rows.kept_rows(project), Lake(project.lake)
    if not path.is_file():
        do = "run `patron run`; with --full-refresh, if it says that nothing is new"
        raise NothingBuiltError("There is no build whose bad rows could be shown.", where=str(path), do=do)
    kinds: list[Kind] = []
    for name in names:
        kinds += quarantined_kinds(path, name, samples=samples)
        kinds += unreadable_kinds(lake, name, samples=samples)
    return QuarantineReport(dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC), kinds)


def sources_named(project: Project, source: str | None) -> list[str]:
    """The one that is asked for, or all. Raises SettingsError for an unknown one, with the nearest name."""
    known = list(project.settings.sources)
    if source is None:
        return known
    if source not in known:
        do = did_you_mean(source, known) or f"sources: {', '.join(known)}"
        raise SettingsError(f"There is no source {source!r}.", where="--source", do=do)
    return [source]
