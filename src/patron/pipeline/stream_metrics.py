"""A stream's state as metrics that Prometheus reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from patron.errors import SettingsError
from patron.pipeline.stream import StreamState

_METRICS = {
    "messages": ("counter", "patron_stream_messages_total", "Messages read and committed."),
    "rows": ("counter", "patron_stream_rows_total", "Rows landed."),
    "rejected": ("counter", "patron_stream_rejected_total", "Messages that could not be read."),
    "batches": ("counter", "patron_stream_batches_total", "Commits."),
    "batch_messages": ("gauge", "patron_stream_last_batch_messages", "Messages of the last commit."),
    "rate": ("gauge", "patron_stream_messages_per_second", "Messages a second, over the last ten."),
    "lag": ("gauge", "patron_stream_lag_messages", "Messages that wait in the sources."),
    "behind": ("gauge", "patron_stream_unpublished_rows", "Rows that landed and are not in gold yet."),
    "refreshes": ("counter", "patron_stream_refreshes_total", "Refreshes of gold that were published."),
    "refresh_seconds": ("gauge", "patron_stream_refresh_seconds", "Duration of the last refresh of gold."),
    "refreshed_at": ("gauge", "patron_stream_refreshed_timestamp_seconds", "When gold was last up to date."),
    "has_failed": ("gauge", "patron_stream_refresh_failed", "Whether the last refresh of gold was not published."),
    "warnings": ("counter", "patron_stream_warnings_total", "Warnings: lost messages, new fields, outages."),
}


def render_metrics(state: StreamState) -> str:
    """Write the metrics in Prometheus's text format."""
    lines = []
    for attribute, (kind, name, meaning) in _METRICS.items():
        value = float(getattr(state, attribute))
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value:.15g}"]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def serve_metrics(state: StreamState, address: str | None) -> Iterator[None]:
    """Serve /metrics at host:port while the block runs; nothing without an address. Raises SettingsError."""
    if address is None:
        yield
        return
    server = _open(state, address)
    Thread(target=server.serve_forever, name="patron-metrics", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _open(state: StreamState, address: str) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.path.split("?")[0] == "/metrics"
            body = render_metrics(state).encode() if is_known else b"see /metrics\n"
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    host, _, port = address.rpartition(":")
    try:
        return ThreadingHTTPServer((host or "127.0.0.1", int(port)), Handler)
    except (OSError, ValueError, OverflowError) as error:
        do = "write host:port, such as 127.0.0.1:9108, of a free port"
        raise SettingsError(f"Metrics cannot be served at {address}: {error}.", where="--metrics", do=do) from None
