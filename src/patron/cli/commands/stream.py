"""The command that follows live sources."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import ProjectOption, QuietOption, load_project

_METRICS = "Serve metrics for Prometheus at this address, such as 127.0.0.1:9108."


def stream(
    project: ProjectOption = Path(),
    refresh: Annotated[float, typer.Option(min=0, help="Seconds between two refreshes of the gold tables.")] = 10,
    metrics: Annotated[str | None, typer.Option(metavar="HOST:PORT", help=_METRICS)] = None,
    quiet: QuietOption = False,
) -> None:
    """Follow Kafka topics: land messages as they come and keep the gold tables up to date.

    Runs until it is stopped by Ctrl-C or SIGTERM; what was read is landed before it ends.

    Example: patron stream --refresh 30 --metrics 127.0.0.1:9108
    """
    from patron.cli.output.stream import StreamLine
    from patron.cli.start_arrow import start_arrow_without_pandas
    from patron.pipeline.stream import StreamState, stream
    from patron.pipeline.stream_metrics import serve_metrics

    loaded = load_project(project)
    start_arrow_without_pandas()
    stop, line = threading.Event(), StreamLine(quiet=quiet)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    state = StreamState()
    with serve_metrics(state, metrics):
        stream(loaded, state, refresh_seconds=refresh, is_stopping=stop.is_set, on_state=line.show)
    line.end(state)
