"""Which two builds `patron diff` compares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from patron.pipeline.changed import ASIDE
from patron.pipeline.other_state import find_state
from patron.publish.diff import GoldDiff, compare_builds, find_build, find_current

if TYPE_CHECKING:
    from patron.project.project import Project


def diff_gold(
    project: Project, *, before: str | None = None, after: str | None = None, state: Path | None = None
) -> GoldDiff:
    """Compare two builds of gold: two snapshots of the project, by default its last two; or a state and its changes.

    before, after: names of kept snapshots. state: the folder from which `run_changed` started. Raises NothingBuiltError
    where there is nothing to compare, SettingsError for a snapshot that is unknown.
    """
    if state is not None:
        return compare_builds(
            find_current(find_state(state) / "published"), find_current(project.state / ASIDE / "published")
        )
    published = project.published
    return compare_builds(
        find_build(published, before), find_build(published, after) if after else find_current(published)
    )
