"""The command that follows live sources."""

from __future__ import annotations

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
    from patron.cli.commands.run import say_unsent
    from patron.cli.output.stream import StreamLine
    from patron.cli.start_arrow import start_arrow_without_pandas
    from patron.cli.stop_signals import watch_stop_signals
    from patron.pipeline.notify.notify import StreamTeller, tell_failure
    from patron.pipeline.stream import StreamState, stream
    from patron.pipeline.stream_metrics import serve_metrics

    loaded = load_project(project)
    start_arrow_without_pandas()
    line, state, teller = StreamLine(quiet=quiet), StreamState(), StreamTeller(loaded)

    def show(state: StreamState, news: list[str]) -> None:
        line.show(state, [*news, *teller.tell(state.failure)])

    with (
        tell_failure(loaded, "stream", say_unsent),
        watch_stop_signals() as is_stopping,
        serve_metrics(state, metrics),
    ):
        stream(loaded, state, refresh_seconds=refresh, is_stopping=is_stopping, on_state=show)
    line.end(state)
