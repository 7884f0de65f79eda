"""The notice above a page: how fresh the data is, and whether a run is in progress or has failed."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import streamlit as st

from patron.project.number_format import Formats
from patron.project.project import Project
from patron.project.run_status import find_running_since, read_last_run
from patron.publish.snapshot import Snapshot
from patron.serve.dashboard.widgets.escape import html
from patron.transform.state import BuildRecord


def describe_freshness(project: Project, snapshot: Snapshot, formats: Formats) -> str:
    """Return a sentence with the as_of date and the time of publication."""
    published = _to_local(project, dt.datetime.fromisoformat(snapshot.published_at))
    as_of = formats.day(dt.date.fromisoformat(snapshot.as_of)) if snapshot.as_of else "no date: there are no sales"
    return f"Data as of {as_of}. Published {formats.moment(published)}."


def describe_state(project: Project, formats: Formats) -> tuple[str, bool]:
    """Return the state of the current or last run, and whether it is a warning; empty where all is well."""
    if since := find_running_since(project.state):
        message = f"A run has been in progress since {formats.moment(_to_local(project, since))}."
        return f"{message} You are seeing the data published before it.", False
    run = read_last_run(project.state)
    if run is not None and run.failure:
        ended = formats.moment(_to_local(project, dt.datetime.fromisoformat(run.ended_at)))
        do = "Next: read what `patron run` printed, or run it again."
        return f"The last run failed ({ended}), so this data is older. {run.failure} {do}", True
    if BuildRecord(project.built).begun is not None:
        return "The last run did not finish, so this data is older. Next: run `patron run` again.", True
    return "", False


def draw_banner(project: Project, formats: Formats) -> None:
    """Draw the notice, where there is one."""
    message, is_warning = describe_state(project, formats)
    if message:
        st.html(f'<div class="banner{" warn" if is_warning else ""}" role="status">{html(message)}</div>')


def _to_local(project: Project, moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(zoneinfo.ZoneInfo(project.settings.shop.timezone))
