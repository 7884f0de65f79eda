"""A stream on the terminal: one line that is written over, or a line every few seconds in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from patron.cli.output.console import say
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.pipeline.stream import StreamState

_SECONDS_BETWEEN_LINES = 10.0


class StreamLine:
    """Shows how far a stream is, on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._shown_at = quiet, float("-inf")
        self._is_terminal = sys.stderr.isatty()

    def show(self, state: StreamState, news: list[str]) -> None:
        """Show the state, and what is new before it."""
        for sentence in news:
            self._write(f"warning: {sentence}\n")
        is_due = time.monotonic() - self._shown_at >= _SECONDS_BETWEEN_LINES
        if not self._quiet and (self._is_terminal or is_due):
            self._shown_at = time.monotonic()
            self._write(describe_stream(state) + ("" if self._is_terminal else "\n"))

    def end(self, state: StreamState) -> None:
        """Say what landed in all."""
        if self._is_terminal and not self._quiet:
            sys.stderr.write("\n")
        landed = f"{pluralize(state.rows, 'row')} of {pluralize(state.messages, 'message')}"
        waiting = (
            f" {state.behind:,} rows are not in the gold tables yet; `patron run` adds them." if state.behind else ""
        )
        say(f"Stopped. Landed {landed} in {pluralize(state.batches, 'batch', 'batches')}.{waiting}")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}" if self._is_terminal else text)
        sys.stderr.flush()


def describe_stream(state: StreamState) -> str:
    """Say in one line: rate, lag, batch, refresh and rejected messages."""
    parts = [
        f"{state.rate:,.0f} messages/s",
        f"lag {state.lag:,}",
        f"batch {state.batches:,}: {state.batch_messages:,}",
        f"gold in {state.refresh_seconds:.1f} s" if state.refreshes else "gold not refreshed yet",
        f"{state.behind:,} rows to refresh",
        f"{state.rejected:,} rejected",
    ]
    return " | ".join([*parts, *(["NOT PUBLISHED"] if state.failure else [])])
