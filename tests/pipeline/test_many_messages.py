"""A million messages: `patron stream` is killed again and again and the broker restarted, and gold is that of a batch."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pytest

from kafka_broker import KafkaBroker, wait_until
from patron.lake import Lake
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import write_project

PARTITIONS, LINES_PER_ORDER = 4, 4
COLUMNS = {
    "order_id": "receipt", "customer_id": "who", "ordered_at": "sold_at", "product_id": "sku", "quantity": "count",
    "unit_price": "price",
}  # fmt: skip
SHOP = {"shop": {"name": "Live"}, "predictions": {"churn": {"enabled": False}}}


def make_messages(count: int) -> Iterator[bytes]:
    chance = random.Random(count)
    for number in range(count):
        receipt = number // LINES_PER_ORDER
        day = f"2024-{1 + receipt // 28 % 12:02}-{1 + receipt % 28:02} 10:00:00"
        message = {
            "receipt": receipt,
            "who": f"c{receipt * 7919 % 20_000}",
            "sold_at": day,
            "sku": f"T{chance.randrange(200)}",
            "count": chance.randrange(1, 4),
            "price": f"{chance.randrange(50, 2_000) / 100:.2f}",
        }
        yield json.dumps(message).encode()


def write_shop(folder: Path, source: dict[str, object]) -> Path:
    entities = {"entities": {"order_lines": {"columns": COLUMNS}}}
    return write_project(folder, {**SHOP, "sources": {"web": {**source, **entities}}}, {})


@pytest.mark.soak
@pytest.mark.parametrize(("messages", "kills", "restarts"), [(100_000, 3, 1), (1_000_000, 20, 3)])
def test_each_message_counts_once_whatever_dies(kafka, tmp_path, messages, kills, restarts):
    topic = kafka.new_topic(partitions=PARTITIONS)
    for partition in range(PARTITIONS):
        share = (each for place, each in enumerate(make_messages(messages)) if place % PARTITIONS == partition)
        kafka.send(topic, share, partition)
    folder = write_shop(tmp_path / "live", {"kafka": {"topics": topic}})
    landed, restarted = [], set[int]()
    chance = random.Random(messages)
    for kill in range(kills):
        share_to_reach = messages * (kill + 0.5) / (kills + 1)
        is_restart = kill % (kills // restarts) == 1 and len(restarted) < restarts
        restarted |= {kill} if is_restart else set()
        landed.append(follow_and_kill(kafka if is_restart else None, folder, share_to_reach, chance))
    assert len(restarted) == restarts
    assert landed == sorted(landed)
    assert landed[-1] < messages, "the last kill came too late to tell anything"

    project = Project.load(folder)
    run(project)
    table = Lake(project.lake).table("web")
    bronze = ds.dataset([str(path) for path in table.files()])  # read by DuckDB below
    places = "select count(*), count(distinct (_partition, _offset)), max(_offset) + 1 from bronze"
    assert duckdb.sql(places).fetchall() == [(messages, messages, messages // PARTITIONS)]
    del bronze

    batch = write_shop(tmp_path / "batch", {"files": "*.jsonl"})
    (batch / "data").mkdir(exist_ok=True)
    (batch / "data/all.jsonl").write_bytes(b"\n".join(make_messages(messages)) + b"\n")
    run(Project.load(batch))
    assert find_unequal_tables(folder, batch) == {}


def follow_and_kill(broker: KafkaBroker | None, folder: Path, until: float, chance: random.Random) -> int:
    """Follow the topic until so many messages have landed and a moment longer, then kill. Return what had landed.

    broker: to be killed and started again while the process follows; None for none.
    """
    with (folder / "said").open("ab") as said:
        command = [sys.executable, "-m", "patron", "stream", "-p", str(folder), "--refresh", "100000"]
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ})
    try:
        if broker:
            wait_until(lambda: process.poll() is not None or count_landed(folder), "nothing landed", seconds=600)
            broker.stop()
            time.sleep(chance.uniform(0, 2))
            broker.start()
        wait_until(lambda: count_landed(folder) >= until, "no more landed", seconds=600)
        time.sleep(chance.uniform(0, 0.05))
        assert process.poll() is None, (folder / "said").read_text()[-2000:]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return count_landed(folder)


def count_landed(folder: Path) -> int:
    table = Lake(folder / ".patron/lake").table("web")
    return table.row_count() if table.exists else 0


def find_unequal_tables(one: Path, other: Path) -> dict[str, int]:
    """Count the rows of each gold table that only one of two shops has."""
    found = {}
    snapshots = [Project.load(folder).published for folder in (one, other)]
    current = [folder / json.loads((folder / "current.json").read_text())["name"] for folder in snapshots]
    names = {path.stem for path in current[0].glob("*.parquet")}
    assert names == {path.stem for path in current[1].glob("*.parquet")}
    assert len(names) > 50
    for name in names:
        a, b = (f"select * from '{folder}/{name}.parquet'" for folder in current)
        (count,) = duckdb.sql(
            f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
        ).fetchone() or (-1,)
        if count:
            found[name] = count
    return found
