"""Brings a project up (run, then its services) and down. Both can be called again: what is there stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.launch.processes import stop
from patron.launch.record import Record, read_record, write_record
from patron.launch.services import (
    DASHBOARD,
    STREAM,
    check_port,
    needs_stream,
    start_dashboard,
    start_stream,
    wait_until_up,
)
from patron.launch.stack import URL, find_stack, start_stack, stop_stack

if TYPE_CHECKING:
    from patron.pipeline.progress import Stages
    from patron.pipeline.run_report import RunReport
    from patron.project.project import Project


@dataclass(frozen=True)
class Launched:
    """What is up. url: of the dashboard. services: name -> what it is. report: of the run, if this process made one."""

    url: str
    services: dict[str, str]
    report: RunReport | None = None


def up(project: Project, *, port: int = 8501, local: bool = False, stages: Stages | None = None) -> Launched:
    """Check the sources, run, and start the dashboard and what else the project needs.

    In containers where the project has a compose.yaml and an engine answers, unless `local`; else as processes.
    Raises SourceError, SettingsError or what a run raises; nothing that was started before is stopped by it.
    """
    record = read_record(project)
    stack = record.stack or (() if local or record.running else find_stack(project))
    if stack and not local:
        start_stack(project, stack)
        write_record(project, Record(stack=stack))
        return Launched(URL, {"stack": f"{' '.join(stack)}"})
    return _start_processes(project, record, port, stages)


def _start_processes(project: Project, record: Record, port: int, stages: Stages | None) -> Launched:
    from patron.pipeline.run import run

    running = dict(record.running)
    if DASHBOARD not in running:
        check_port(port)  # before a run, which may take long
    for source in project.settings.sources:
        project.connector(source).check()
    report = None
    if STREAM not in running:  # which holds the lock, and brings gold up to date itself
        report = run(project, stages=stages)
        if needs_stream(project):
            running[STREAM] = start_stream(project)
            write_record(project, Record(tuple(running.values())))
    if DASHBOARD not in running:
        running[DASHBOARD] = start_dashboard(project, port)
        write_record(project, Record(tuple(running.values())))
        wait_until_up(project, running[DASHBOARD])
    services = {one.name: f"process {one.pid}" for one in running.values()}
    return Launched(running[DASHBOARD].url, services, report)


def down(project: Project) -> list[str]:
    """Stop what `up` started; return what was there. What it built stays. Raises StackError."""
    record = read_record(project)
    if record.stack:
        stop_stack(project, record.stack)
    stopped = [one.name for one in record.processes if stop(one)]
    write_record(project, Record())
    return [*stopped, *(["stack"] if record.stack else [])]
