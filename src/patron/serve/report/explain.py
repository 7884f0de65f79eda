"""The changes of a period as sentences, for programs that do not need the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.project.number_format import Formats
from patron.publish.reader import open_published
from patron.serve.periods import Period
from patron.serve.report.queries.changes import Change, find_changes

if TYPE_CHECKING:
    from patron.project.project import Project


def explain_changes(project: Project, period: str) -> list[Change]:
    """Explain what changed in a period compared with the previous one, revenue first.

    period: such as 2011-11, 2011-Q4, 2011-W45 or 2011. Each change has a sentence and the SQL of its numbers.
    Empty if the data does not cover the previous period. Raises SettingsError for a period without data,
    NothingBuiltError before the first run.
    """
    with open_published(project.published) as connection:
        return find_changes(connection, Period.parse(period), Formats.of(project.settings.shop))
