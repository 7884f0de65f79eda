"""The days that a shop's data has, as the last build knows them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.publish.reader import open_published
from patron.publish.snapshot import load_current

if TYPE_CHECKING:
    from patron.project.project import Project


def list_calendar_days(project: Project) -> list[dt.date]:
    """List the days from the first order to the day that everything is measured at; none before the first run."""
    if load_current(project.published) is None:
        return []
    with open_published(project.published) as connection:
        rows = connection.execute("select calendar_date from gold.dim_date order by 1").fetchall()
    return [row[0] for row in rows]
