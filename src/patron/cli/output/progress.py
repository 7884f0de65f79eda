"""Progress bars of a run on the terminal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from patron.pipeline.progress import Stages

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class TerminalStages(Stages):
    """Stages as progress bars of rich."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress
        self.task: TaskID | None = None
        self.started = 0.0

    def _open(self, name: str) -> None:
        self.started = time.perf_counter()
        self.task = self.progress.add_task(name, total=None, note="")

    def rows(self, done: int) -> None:
        rate = done / max(time.perf_counter() - self.started, 1e-6)
        self._update(completed=done, note=f"{done:,} rows, {rate:,.0f} a second")

    def steps(self, what: str, done: int, total: int) -> None:
        total = max(total, done)
        doing = "" if done == total else ", rules" if what.startswith("holds_") else f", {what}"
        self._update(completed=done, total=total, note=f"{done} of {total}{doing}")

    def _update(self, **fields: object) -> None:
        if self.task is not None:
            self.progress.update(self.task, **fields)  # type: ignore[arg-type]

    def _close(self, _: str) -> None:
        if self.task is not None:
            self.progress.update(self.task, total=1, completed=1)
        self.task = None


@contextlib.contextmanager
def show_progress(*, quiet: bool) -> Iterator[Stages]:
    """Show stages on standard error while the block runs; with `quiet`, only time them."""
    if quiet:
        yield Stages()
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    from patron.cli.output.console import DataConsole

    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description:<14}", table_column=Column(no_wrap=True, min_width=14)),
        BarColumn(bar_width=16),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}", table_column=Column(no_wrap=True)),
    )
    with Progress(*columns, console=DataConsole(stderr=True)) as progress:
        yield TerminalStages(progress)
