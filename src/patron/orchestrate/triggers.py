"""When a shop is run: by the clock, when files arrive, and when the published tables have become old."""

import datetime as dt
import json
from typing import Any

import dagster as dg

from patron.orchestrate.catalog import Catalog
from patron.orchestrate.new_files import decide, hash_files
from patron.project.project import Project
from patron.project.run_status import find_running_since, read_last_run
from patron.publish.snapshot import load_current

Job = Any
"""A job of selected assets, whose class Dagster keeps to itself."""

LATE_AFTER = dt.timedelta(hours=26)
"""A shop that is run every day is late two hours after its time."""


def make_schedules(catalog: Catalog, jobs: dict[str, Job], crons: dict[str, str]) -> list[dg.ScheduleDefinition]:
    """Make a schedule for each of these jobs, in the shop's timezone."""
    zone = catalog.project.settings.shop.timezone
    return [
        dg.ScheduleDefinition(name=f"{name}_schedule", job=jobs[name], cron_schedule=cron, execution_timezone=zone)
        for name, cron in crons.items()
    ]


def make_file_sensor(catalog: Catalog, job: Job) -> dg.SensorDefinition:
    """Make the sensor that runs the shop once new or changed files have stopped growing."""

    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = hash_files(Project.load(catalog.project.root))
        cursor, is_ready = decide(context.cursor, now)
        if is_ready:
            return dg.SensorResult([dg.RunRequest(run_key=f"files-{now[:16]}")], cursor=cursor)
        return dg.SensorResult(skip_reason="no new files, or they are still growing", cursor=cursor)

    return dg.sensor(name="new_files", job=job, minimum_interval_seconds=60, description="Runs the shop on new files.")(
        look
    )


def make_freshness_sensor(catalog: Catalog, job: Job) -> dg.SensorDefinition:
    """Make the sensor that runs the shop when its tables are older than a day, such as after the machine was off."""

    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        request = find_late(catalog.project, dt.datetime.now(dt.UTC))
        if request is None or json.loads(context.cursor or '""') == request:
            return dg.SensorResult(skip_reason="the published tables are fresh, or a run was requested")
        return dg.SensorResult([dg.RunRequest(run_key=request)], cursor=json.dumps(request))

    return dg.sensor(
        name="late_tables", job=job, minimum_interval_seconds=600, description="Runs the shop when it is late."
    )(look)


def find_late(project: Project, now: dt.datetime) -> str | None:
    """Find out whether the last publication is too old: a key for one run of this day, or None.

    None also before the first run, which a person starts, and while a run is at work.
    """
    snapshot = load_current(project.published)
    if snapshot is None or find_running_since(project.state) is not None:
        return None
    checked = _find_last_run(project) or dt.datetime.fromisoformat(snapshot.published_at)
    return f"late-{snapshot.name}-{now:%Y-%m-%d}" if now - checked > LATE_AFTER else None


def _find_last_run(project: Project) -> dt.datetime | None:
    """Find when a run last ended well: one that finds nothing new publishes nothing, and the tables are fresh."""
    last = read_last_run(project.state)
    return dt.datetime.fromisoformat(last.ended_at) if last is not None and not last.failure else None
