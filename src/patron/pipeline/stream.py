"""Follows live sources: rows land as they come, and gold is brought up to them at an interval."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from patron.errors import CheckFailedError, SettingsError, SourceError
from patron.files import translate_disk_errors
from patron.ingest.source import Landing, UnreachableError
from patron.pipeline.run import refresh
from patron.project.lock import lock_project
from patron.transform.check_expressions import check_expressions

if TYPE_CHECKING:
    from patron.ingest.connector import LandedBatch, LiveConnector, LiveSource
    from patron.lake import Lake
    from patron.project.project import Project

_RATE_SECONDS = 10.0
_SECONDS_BEFORE_RETRY = 2.0


@dataclass
class StreamState:
    """How far a stream is. lag: messages that wait in the sources. behind: rows that landed and are not in gold yet.

    rate: messages a second over the last ten. failure: why the last refresh was not published; empty if it was.
    """

    messages: int = 0
    rows: int = 0
    rejected: int = 0
    batches: int = 0
    batch_messages: int = 0
    lag: int = 0
    behind: int = 0
    refreshes: int = 0
    refresh_seconds: float = 0.0
    refreshed_at: float = 0.0
    failure: str = ""
    warnings: int = 0
    _recent: list[tuple[float, int]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        since = time.monotonic() - _RATE_SECONDS
        return sum(count for at, count in self._recent if at >= since) / _RATE_SECONDS

    @property
    def has_failed(self) -> bool:
        return bool(self.failure)

    def add(self, batch: LandedBatch) -> None:
        """Count a batch that landed."""
        self.messages += batch.messages
        self.rows += batch.rows
        self.behind += batch.rows
        self.rejected += batch.rejected
        self.batches += 1
        self.batch_messages = batch.messages
        now = time.monotonic()
        recent = [(at, count) for at, count in self._recent if now - at <= _RATE_SECONDS]
        self._recent = [*recent, (now, batch.messages)]  # another thread reads the list


OnState = Callable[[StreamState, list[str]], None]
"""Called after each step with the state and what is new for a person to know."""


def stream(
    project: Project,
    state: StreamState,
    *,
    refresh_seconds: float,
    is_stopping: Callable[[], bool],
    on_state: OnState,
) -> None:
    """Follow the project's live sources until `is_stopping`; the project is locked meanwhile.

    What is read when it stops is landed; gold is refreshed by the next stream or run. Raises SettingsError where no
    source is live, and SourceError where one cannot be read at the start; one that goes away later is waited for.
    """
    from patron.lake import Lake

    check_expressions(project)
    for source in project.settings.sources:
        project.connector(source).check()
    if not _list_live(project):
        do = "add a source of Kafka topics (`kafka:`), or use `patron run`"
        raise SettingsError("No source of the project can be followed.", where=str(project.root), do=do)
    with lock_project(project.state, project.lake), translate_disk_errors(project.state):
        lake = Lake(project.lake)
        with _follow_all(project, lake) as sources:
            _Stream(project, lake, sources, state, refresh_seconds, on_state).go(is_stopping)


def _list_live(project: Project) -> list[str]:
    return [name for name, source in project.settings.sources.items() if source.kind.is_live]


@contextlib.contextmanager
def _follow_all(project: Project, lake: Lake) -> Iterator[dict[str, LiveSource]]:
    with contextlib.ExitStack() as stack:
        sources = {}
        for name in _list_live(project):
            sources[name] = cast("LiveConnector", project.connector(name)).follow(lake)
            stack.callback(sources[name].close)
        yield sources


class _Stream:
    def __init__(
        self,
        project: Project,
        lake: Lake,
        sources: dict[str, LiveSource],
        state: StreamState,
        refresh_seconds: float,
        on_state: OnState,
    ) -> None:
        self._project, self._lake, self._sources = project, lake, sources
        self._refresh_seconds, self._on_state = refresh_seconds, on_state
        self._state = state
        self._followed = {name: Landing(name) for name in sources}
        self._tried_at = 0.0

    def go(self, is_stopping: Callable[[], bool]) -> None:
        for source in self._sources.values():
            source.open()
        while not is_stopping():
            news = [line for name in self._sources for line in self._land(name, is_stopping)]
            if self._is_due() and not is_stopping():
                news += self._refresh()
            self._state.lag = sum(source.lag for source in self._sources.values())
            self._state.warnings += len(news)
            self._on_state(self._state, news)

    def _land(self, name: str, is_stopping: Callable[[], bool]) -> list[str]:
        try:
            batch = self._sources[name].follow(is_stopping)
        except UnreachableError as error:
            time.sleep(_SECONDS_BEFORE_RETRY)
            return [f"{name}: {error.what} Waiting."]
        if batch.messages:
            self._state.add(batch)
            landing = self._followed[name]
            landing.rows += batch.rows
            landing.rejected_rows += batch.rejected
        return [f"{name}: {warning}" for warning in self._sources[name].take_warnings()]

    def _is_due(self) -> bool:
        return time.monotonic() - self._tried_at >= self._refresh_seconds

    def _refresh(self) -> list[str]:
        """Bring gold up to the lake. Bad rows keep it from being published, and never stop the landing."""
        start = time.monotonic()
        try:
            report = refresh(self._project, self._lake, self._followed)
        except (CheckFailedError, SourceError) as error:
            is_new = self._state.failure != error.what
            self._state.failure = error.what
            self._tried_at = time.monotonic()
            return [f"gold was not refreshed: {error.what}"] if is_new else []
        self._state.failure, self._state.behind = "", 0
        self._followed = {name: Landing(name) for name in self._sources}
        self._tried_at = time.monotonic()
        self._state.refreshed_at = time.time()
        if report.is_new:
            self._state.refreshes += 1
            self._state.refresh_seconds = self._tried_at - start
        return []
