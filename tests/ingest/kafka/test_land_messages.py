"""Messages land once, with where they stood; those that cannot be read are set aside with their bytes."""

from __future__ import annotations

import pytest

from patron.errors import SourceError
from patron.lake import ROWS_PER_BATCH


def test_a_message_lands_once_with_where_it_stood(topics):
    topic = topics.broker.new_topic(partitions=2)
    topics.broker.send(
        topic, [b'{"id": 1, "price": 1.10, "tags": ["a", 2.50]}', {"id": "2", "paid": True}], partition=0
    )
    topics.broker.send(topic, [{"id": 3}], partition=1, key=b"k")
    assert [topics.land(topic).rows for _ in range(2)] == [3, 0]
    topics.broker.send(topic, [{"id": 4}], partition=1)
    assert topics.land(topic).rows == 1
    assert topics.places() == [(topic, 0, 0), (topic, 0, 1), (topic, 1, 0), (topic, 1, 1)]
    by_id = {row["id"]: row for row in topics.rows()}
    assert (by_id["1"]["price"], by_id["1"]["tags"], by_id["2"]["paid"]) == ("1.10", '["a",2.50]', "true")
    assert by_id["3"]["_message_key"] == "k"
    assert by_id["4"]["_source_file"] == f"kafka:{topic}/1"
    assert by_id["4"]["_row_key"] // ROWS_PER_BATCH == by_id["4"]["_batch_id"]


def test_a_malformed_message_is_set_aside_with_its_bytes_and_stops_nothing(topics):
    topic = topics.broker.new_topic()
    bad = [b'{"id": 1', b"\xff\xfe", b"[1]", b'{"x": NaN}', b'{"x": "\\ud800"}', None, b"{}"]
    topics.broker.send(topic, [{"id": 0}, *bad, {"id": 9}])
    landing = topics.land(topic)
    assert (landing.rows, landing.rejected_rows) == (2, 7)
    assert [row["_offset"] for row in topics.rows()] == [0, 8]
    kept = {row["offset"]: row for row in topics.rejected()}
    assert [kept[offset]["message"] for offset in range(1, 8)] == bad
    assert {(row["topic"], row["partition"]) for row in kept.values()} == {(topic, 0)}
    assert (kept[1]["reason"], kept[2]["reason"], kept[3]["reason"]) == (
        "not valid JSON", "not UTF-8", "not a JSON object with keys"
    )  # fmt: skip
    assert "7 of 9 messages were rejected" in landing.warnings[-1]


def test_a_topic_of_malformed_messages_alone_is_read_once(topics):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [b"?"] * 3)
    assert [topics.land(topic).rejected_rows for _ in range(2)] == [3, 0]


def test_a_field_keeps_its_column_whatever_comes_beside_it(topics):
    topics.columns = {"required_columns": ("order_id", "never")}
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"a b": 1, "_offset": "mine"}])
    topics.land(topic)
    topics.broker.send(topic, [{"a=b": 2}, {"order id": 5, "a b": 3}])
    landing = topics.land(topic)
    rows = topics.rows()
    assert [(row["a_b"], row["a_b_2"], row["order_id"], row["never"]) for row in rows] == [
        ("1", None, None, None), (None, "2", None, None), ("3", None, "5", None)
    ]  # fmt: skip
    assert rows[0]["_offset_2"] == "mine"
    assert any("'a=b' is new" in warning for warning in landing.warnings)


def test_an_empty_topic_has_the_columns_that_are_mapped(topics):
    topics.columns = {"required_columns": ("order_id",)}
    topic = topics.broker.new_topic()
    assert topics.land(topic).rows == 0
    assert "order_id" in topics.lake.table("events").schema().names
    topics.broker.send(topic, [{"order_id": 1}])
    assert topics.land(topic).rows == 1


def test_a_topic_that_was_created_again_lands_from_its_start(topics):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": n} for n in range(5)])
    topics.land(topic)
    topics.broker.delete(topic)
    topics.broker.create(topic)
    topics.broker.send(topic, [{"id": 100}, {"id": 101}])
    landing = topics.land(topic)
    assert [row["id"] for row in topics.rows()] == ["0", "1", "2", "3", "4", "100", "101"]
    assert any("created again" in warning for warning in landing.warnings)
    assert topics.land(topic).rows == 0


def test_messages_that_expired_before_they_landed_are_told(topics):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": n} for n in range(3)])
    topics.land(topic)
    topics.broker.send(topic, [{"id": n} for n in range(3, 10)])
    topics.broker.delete_before(topic, 7)
    with pytest.raises(SourceError, match=r"offsets 3 to 6"):
        topics.land(topic, lost="stop")
    landing = topics.land(topic)
    assert [row["id"] for row in topics.rows()] == ["0", "1", "2", "7", "8", "9"]
    assert any("up to 4 messages before they landed (offsets 3 to 6)" in warning for warning in landing.warnings)
    assert topics.land(topic).warnings == []


def test_a_missing_topic_is_told_with_the_nearest_name(topics):
    topic = topics.broker.new_topic()
    with pytest.raises(SourceError, match="no topic") as caught:
        topics.land(f"{topic}s")
    assert f"did you mean '{topic}'?" in str(caught.value)


def test_a_login_is_passed_through_and_its_secret_comes_from_the_environment(topics, monkeypatch):
    from kafka_broker import PASSWORD

    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": 1}])
    monkeypatch.setenv("PATRON_KAFKA", f"127.0.0.1:{topics.broker.sasl_port}")
    login = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "patron"}
    given = {"options": login, "secrets": {"sasl.password": "THE_PASSWORD"}}
    monkeypatch.setenv("THE_PASSWORD", "wrong")
    with pytest.raises(SourceError, match="refused the login") as caught:
        topics.land(topic, **given)
    assert "wrong" not in str(caught.value)
    monkeypatch.setenv("THE_PASSWORD", PASSWORD)
    assert topics.land(topic, **given).rows == 1
