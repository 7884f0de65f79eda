"""Brings a project up (run, then its services) and down. Both can be called again: what is there stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.launch.processes import Started, stop
from patron.launch.record import Record, read_record, write_record
from patron.launch.services import (
    DAGSTER,
    DASHBOARD,
    STREAM,
    check_port,
    needs_dagster,
    needs_stream,
    start_dagster,
    start_dashboard,
    start_stream,
    wait_until_up,
)
from patron.launch.stack import URL, find_stack, prepare_stack, start_stack, stop_stack

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
        prepare_stack(project)
        write_record(project, Record(record.processes, stack))  # first: what fails halfway is stopped, too
        start_stack(project, stack)
        return Launched(URL, {"stack": " ".join(stack)})
    return _Launch(project, record).go(port, stages)


class _Launch:
    """A start of what a project lacks, as processes. Each is recorded as soon as it is there."""

    def __init__(self, project: Project, record: Record) -> None:
        self.project, self.stack, self.running = project, record.stack, dict(record.running)

    def go(self, port: int, stages: Stages | None) -> Launched:
        project, running = self.project, self.running
        if DASHBOARD not in running:
            check_port(port)  # before a run, which may take long
        for source in project.settings.sources:
            project.connector(source).check()
        report = self._run(stages)
        if needs_stream(project) and STREAM not in running:
            self._add(start_stream(project))
        if needs_dagster(project) and DAGSTER not in running:
            self._add(start_dagster(project))
        if DASHBOARD not in running:
            self._add(start_dashboard(project, port))
            wait_until_up(project, running[DASHBOARD])
        return Launched(running[DASHBOARD].url, {name: one.describe() for name, one in running.items()}, report)

    def _run(self, stages: Stages | None) -> RunReport | None:
        """Run, unless a stream does: it holds the lock, and brings gold up to date itself."""
        from patron.pipeline.run import run

        return None if STREAM in self.running else run(self.project, stages=stages)

    def _add(self, started: Started) -> None:
        self.running[started.name] = started
        write_record(self.project, Record(tuple(self.running.values()), self.stack))


def down(project: Project) -> list[str]:
    """Stop what `up` started; return what was there. What it built stays. Raises StackError."""
    record = read_record(project)
    if record.stack:
        stop_stack(project, record.stack)
    stopped = [one.name for one in record.processes if stop(one)]
    write_record(project, Record())
    return [*stopped, *(["stack"] if record.stack else [])]
