"""Lands the messages of a Kafka topic: how fast, beside a consumer that does nothing with them.

python -m benchmarks.topics [MESSAGES]: starts a broker of its own, measures, writes benchmarks/results/topics.json.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.page import machine, save

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

PARTITIONS = 2
STEPS = (
    ("a bare consumer", "read", 0),
    ("`patron run`", "run", 0),
    ("`patron stream`, 1,000 messages a commit", "follow", 1_000),
    ("`patron stream`, 10,000 messages a commit", "follow", 10_000),
)
"""name, the action, messages a commit."""


def make_messages(count: int) -> Iterator[dict[str, Any]]:
    """Make receipt lines of some 200 bytes."""
    for number in range(count):
        yield {
            "order_id": number // 3,
            "customer_id": f"c{number % 50_000}",
            "ordered_at": f"2024-01-{1 + number % 28:02} 10:{number % 60:02}:00",
            "product_id": f"T{number % 4_000}",
            "product_name": f"An article of the range, number {number % 4_000}",
            "quantity": 1 + number % 5,
            "unit_price": number % 10_000 / 100,
            "store": "S1",
        }


def step(what: str, topic: str, messages: int, batch: int) -> dict[str, Any]:
    """Read or land every message in this process."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as lake:
        count = {"read": _read, "run": _run, "follow": _follow}[what](Path(lake), topic, messages, batch)
    assert count == messages
    return {"seconds": time.perf_counter() - start}


def _source(topic: str, batch: int) -> Any:
    from patron.ingest.kafka.settings import Kafka
    from patron.ingest.kafka.source import TopicSource

    return TopicSource("till", Kafka(topics=(topic,), batch_rows=batch or 1_000))


def _read(_: Path, topic: str, messages: int, __: int) -> int:
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": os.environ["PATRON_KAFKA"], "group.id": "bare"})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    count = 0
    while count < messages:
        count += sum(len(message.value()) > 0 for message in consumer.consume(1_000, timeout=1))
    consumer.close()
    return count


def _run(lake: Path, topic: str, _: int, batch: int) -> int:
    from patron.ingest.kafka.stream import land_what_is_there
    from patron.lake import Lake

    return land_what_is_there(Lake(lake), _source(topic, batch), lambda _rows: None).rows


def _follow(lake: Path, topic: str, messages: int, batch: int) -> int:
    from patron.ingest.kafka.stream import TopicStream
    from patron.lake import Lake

    stream, count = TopicStream(Lake(lake), _source(topic, batch)), 0
    while count < messages:
        count += stream.follow(lambda: False).rows
    stream.close()
    return count


def measured(messages: int) -> list[dict[str, Any]]:
    """Run each step in its own process."""
    import kafka_broker

    found = []
    for broker in kafka_broker.started():
        os.environ["PATRON_KAFKA"] = broker.servers
        topic = broker.new_topic(PARTITIONS)
        for number in range(PARTITIONS):
            broker.send(topic, make_messages(messages // PARTITIONS), number)
        for name, what, batch in STEPS:
            words = [what, topic, str(messages), str(batch)]
            once = measure([sys.executable, "-m", "benchmarks.topics", *words])
            said = json.loads(once.output)
            found.append({"step": name, "peak_mb": once.peak_mb, "cpu_seconds": once.cpu_seconds, **said})
            print(found[-1], flush=True)
    return found


def main(words: list[str]) -> None:
    """Measure everything or, given a step, run it and print the result."""
    if len(words) == 4:
        print(json.dumps(step(words[0], words[1], int(words[2]), int(words[3]))))
        return
    messages = int(words[0]) if words else 500_000
    load = os.getloadavg()[0]
    found = measured(messages)
    save("topics", {"machine": machine(), "messages": messages, "load_before": load, "steps": found})


if __name__ == "__main__":
    main(sys.argv[1:])
