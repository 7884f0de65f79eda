"""`patron produce` sends each row of files once, at a rate or in event time."""

from __future__ import annotations

import pytest

from faults.projects import patron
from patron.errors import SettingsError
from patron.ingest.kafka import produce as producing
from patron.ingest.kafka.produce import Pace, _wait_between

ROWS = "id,who,at\n1,a,2024-01-01 10:00\n2,b,2024-01-01 09:00\n3,a,2024-01-01 12:00\n"


def test_files_are_replayed_to_a_topic_that_is_made(topics, tmp_path):
    (tmp_path / "a.csv").write_text(ROWS)
    said = patron("produce", str(tmp_path / "*.csv"), "--topic", "made", "--key", "who", "--partitions", "2")
    assert said.out.split() == "Sent 3 messages to made.".split(), said.err
    assert topics.land("made").rows == 3
    assert {(row["id"], row["who"], row["_message_key"]) for row in topics.rows()} == {
        ("1", "a", "a"), ("2", "b", "b"), ("3", "a", "a")
    }  # fmt: skip


def test_a_simulated_shop_is_replayed(topics, tmp_path):
    topic = topics.broker.new_topic()
    said = patron("produce", "--example", "food_delivery", "--topic", topic)
    assert said.code == 0, said.err
    assert topics.land(topic).rows == int(said.out.split()[1].replace(",", ""))
    assert len(topics.rows()) > 100


def test_event_time_keeps_the_gaps_and_a_rate_makes_its_own(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(producing.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(producing.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))

    def times(pace: Pace, rows: list[dict]) -> list[float]:
        clock[0] = 0.0
        return [round(clock[0], 6) for _ in _wait_between(iter(rows), pace, lambda: False)]

    rows = [{"at": f"2024-01-01 {hour}"} for hour in ("09:00", "10:00", "12:00")]
    assert times(Pace(event_time="at", speed=3600), rows) == [0, 1, 3]
    assert times(Pace(rate=4), rows) == [0, 0.25, 0.5]
    with pytest.raises(SettingsError, match="is not a time"):
        times(Pace(event_time="at", time_format="%Y"), rows)


def test_either_a_topic_or_a_source_is_named():
    assert patron("produce", "a.csv").code == 2
