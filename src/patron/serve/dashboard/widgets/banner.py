"""What the reader must know first: how fresh the figures are, whether a run is at work, or the last one failed."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import streamlit as st

from patron.project.number_format import Formats
from patron.project.project import Project
from patron.project.run_status import read_last_run, running_since
from patron.publish.snapshot import Snapshot
from patron.serve.dashboard.widgets.escape import html
from patron.transform.state import BuildRecord


def freshness(project: Project, snapshot: Snapshot, formats: Formats) -> str:
    """In a sentence: the day that everything is measured at, and when it was published."""
    published = _local(project, dt.datetime.fromisoformat(snapshot.published_at))
    as_of = formats.day(dt.date.fromisoformat(snapshot.as_of)) if snapshot.as_of else "no day: nothing was sold"
    return f"Measured at {as_of}. Published {formats.moment(published)}."


def state_sentence(project: Project, formats: Formats) -> tuple[str, bool]:
    """What a run is doing or how the last one failed, and whether that is a warning; empty where all is well."""
    if since := running_since(project.state):
        said = f"A run is at work since {formats.moment(_local(project, since))}."
        return f"{said} These are the figures published before it.", False
    run = read_last_run(project.state)
    if run is not None and run.error:
        ended = formats.moment(_local(project, dt.datetime.fromisoformat(run.ended_at)))
        do = f" Next: {run.do}." if run.do else ""
        return f"The last run failed ({ended}), so these are older figures. {run.error}{do}", True
    if BuildRecord(project.built).begun is not None:
        return "The last run did not end, so these are older figures. Next: run `patron run` again.", True
    return "", False


def banner(project: Project, formats: Formats) -> None:
    """Draw the state, where there is something to say."""
    said, is_warning = state_sentence(project, formats)
    if said:
        st.html(f'<div class="banner{" warn" if is_warning else ""}" role="status">{html(said)}</div>')


def _local(project: Project, moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(zoneinfo.ZoneInfo(project.settings.shop.timezone))
