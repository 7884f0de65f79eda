"""A process that lands messages is killed at any moment, again and again: each message is in the lake once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

_FOLLOW = """
import sys
from pathlib import Path
from patron.ingest.kafka.settings import Kafka
from patron.ingest.kafka.source import TopicSource
from patron.ingest.kafka.stream import TopicStream
from patron.lake import Lake

source = TopicSource("events", Kafka(topics=(sys.argv[2],), batch_rows=7, batch_seconds=0.05))
stream = TopicStream(Lake(Path(sys.argv[1])), source)
stream.open()
print("begun", flush=True)
while True:
    stream.follow(lambda: False)
"""


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.soak)])
def test_each_message_lands_once_whenever_the_process_is_killed(topics, kills):
    topic = topics.broker.new_topic(partitions=3)
    chance, sent = random.Random(kills), 0
    for _ in range(kills):
        for partition in range(3):
            messages = [{"n": sent + n} if (sent + n) % 5 else b"broken" for n in range(60)]
            topics.broker.send(topic, messages, partition)
            sent += 60
        _land_and_kill(topics.root, topic, chance.uniform(0.0, 0.25))
    topics.land(topic)
    rows, rejected = topics.rows(), topics.rejected()
    places = [(row["_partition"], row["_offset"]) for row in rows]
    places += [(row["partition"], row["offset"]) for row in rejected]
    assert sorted(places) == [(partition, offset) for partition in range(3) for offset in range(sent // 3)]
    assert sorted(int(row["n"]) for row in rows) == [n for n in range(sent) if n % 5]
    table = topics.lake.table("events")
    assert sum(position.rows for position in table.landings()) == len(rows)
    assert sum(position.rejected_rows for position in table.landings()) == len(rejected)


def _land_and_kill(lake, topic: str, seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _FOLLOW, str(lake), topic], stdout=subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
