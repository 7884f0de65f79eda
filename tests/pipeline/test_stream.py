"""`patron stream`: messages reach gold by themselves, through an outage of the brokers, until a SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from faults.projects import patron
from kafka_broker import _free_port, wait_until
from patron.errors import SettingsError
from patron.lake import Lake
from patron.pipeline.stream import StreamState, stream
from patron.pipeline.stream_metrics import render_metrics, serve_metrics
from patron.project.project import Project
from shops.building import write_project

COLUMNS = {
    "order_id": "receipt", "customer_id": "who", "ordered_at": "sold_at", "product_id": "sku", "quantity": "count",
    "unit_price": "price",
}  # fmt: skip


def line(receipt: int) -> dict[str, object]:
    day = f"2024-01-{1 + receipt % 28:02} 10:00"
    return {"receipt": receipt, "who": f"c{receipt % 7}", "sold_at": day, "sku": "T", "count": 1, "price": "2.50"}


def write_shop(folder: Path, topic: str) -> Path:
    web = {"kafka": {"topics": topic, "batch_seconds": 0.2}, "entities": {"order_lines": {"columns": COLUMNS}}}
    limits = {"stop_above_rate": 0.4}
    return write_project(folder, {"shop": {"name": "Live"}, "sources": {"web": web}, "quarantine": limits}, {})


def read_metrics(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        name.removeprefix("patron_stream_"): float(value) for name, value in re.findall(r"^(\w+) (.*)$", text, re.M)
    }


def test_messages_reach_gold_through_an_outage_until_it_is_stopped(kafka, tmp_path):
    topic, port = kafka.new_topic(partitions=2), _free_port()
    folder = write_shop(tmp_path / "shop", topic)
    kafka.send(topic, [line(n) for n in range(20)])
    command = [sys.executable, "-m", "patron", "stream", "-p", str(folder), "--refresh", "1"]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(
            [*command, "--metrics", f"127.0.0.1:{port}"], stdout=said, stderr=said, env={**os.environ}
        )
    try:
        wait_until(lambda: is_published(process, port, 20), "the first messages were not published")
        kafka.stop()
        kafka.start()
        kafka.add_partitions(topic, 3)
        kafka.send(topic, [*(line(n) for n in range(20, 30)), b"?"], partition=1)
        wait_until(lambda: is_published(process, port, 30), "the messages after the outage were not published")
        assert read_metrics(port)["rejected_total"] == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
    text = (tmp_path / "said").read_text()
    assert "Stopped. Landed 30 rows of 31 messages" in text
    answer = patron("query", "-p", str(folder), "--csv", "select sum(order_count) as n from gold.customer_360").out
    assert answer.split() == ["n", "30"]
    rows = pq.read_table(Lake(folder / ".patron" / "lake").table("web").files(), columns=["receipt"])
    assert sorted(map(int, rows["receipt"].to_pylist())) == list(range(30))


def is_published(process: subprocess.Popen[bytes], port: int, rows: int) -> bool:
    assert process.poll() is None, "the stream ended"
    try:
        metrics = read_metrics(port)
    except OSError:
        return False
    return metrics["rows_total"] == rows and metrics["unpublished_rows"] == 0 and metrics["refreshes_total"] > 0


def test_a_project_without_topics_cannot_be_streamed(tmp_path):
    settings = {"sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": COLUMNS}}}}}
    project = Project.load(write_project(tmp_path, {"shop": {"name": "Till"}, **settings}, {}))
    with pytest.raises(SettingsError, match="can be followed"):
        stream(project, StreamState(), refresh_seconds=1, is_stopping=lambda: True, on_state=lambda *_: None)


def test_metrics_are_in_the_text_format_of_prometheus():
    state = StreamState(messages=1_234_567, lag=5, failure="too many bad rows")
    lines = render_metrics(state).splitlines()
    assert "patron_stream_messages_total 1234567" in lines
    assert "patron_stream_refresh_failed 1" in lines
    samples = [line.split() for line in lines if not line.startswith("#")]
    assert all(len(sample) == 2 and f"# TYPE {sample[0]}" in "\n".join(lines) for sample in samples)


def test_an_address_that_cannot_be_served_is_refused():
    with pytest.raises(SettingsError, match="cannot be served at nowhere"), serve_metrics(StreamState(), "nowhere"):
        pass
