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


def test_messages_land_over_tls_with_a_login_by_scram(topics, monkeypatch):
    from kafka_broker import PASSWORD

    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": n} for n in range(3)])
    monkeypatch.setenv("PATRON_KAFKA", f"127.0.0.1:{topics.broker.tls_port}")
    login = {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "patron"}
    trusted = {**login, "ssl.ca.location": str(topics.broker.certificate)}
    secrets = {"sasl.password": "THE_PASSWORD"}
    monkeypatch.setenv("THE_PASSWORD", PASSWORD)
    with pytest.raises(SourceError, match="certificate that is not trusted"):
        topics.land(topic, options=login, secrets=secrets)
    assert topics.land(topic, options=trusted, secrets=secrets).rows == 3
    assert topics.land(topic, options=trusted, secrets=secrets).rows == 0
    monkeypatch.setenv("THE_PASSWORD", "wrong")
    with pytest.raises(SourceError, match="refused the login") as refused:
        topics.land(topic, options=trusted, secrets=secrets)
    assert "wrong" not in str(refused.value)


def test_messages_of_an_aborted_transaction_do_not_land(topics):
    from confluent_kafka import Producer

    topic = topics.broker.new_topic()
    producer = Producer({"bootstrap.servers": topics.broker.servers, "transactional.id": topic})
    producer.init_transactions(30)
    for id_, end in (
        (1, producer.commit_transaction),
        (2, producer.abort_transaction),
        (3, producer.commit_transaction),
    ):
        producer.begin_transaction()
        producer.produce(topic, f'{{"id": {id_}}}'.encode())
        producer.flush()
        end(30)
    assert [topics.land(topic).rows for _ in range(2)] == [2, 0]
    assert [row["id"] for row in topics.rows()] == ["1", "3"]


def test_a_partition_that_ends_before_what_has_landed_stops_the_landing(topics):
    from patron.ingest.kafka.client import Partition
    from patron.ingest.kafka.positions import find_starts

    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": n} for n in range(5)])
    topics.land(topic)
    (landed,) = topics.lake.table("events").landings()[-1:]
    topic_id = landed.id.partition("@")[2].removesuffix("/0")
    with pytest.raises(SourceError, match="ends at offset 3, and messages up to 4 have landed"):
        find_starts(topics.lake.table("events"), [Partition(topic, topic_id, 0, first=0, end=3)])


def test_a_stream_goes_on_with_a_topic_that_was_created_again_and_with_new_partitions(topics, monkeypatch):
    from patron.ingest.kafka import stream as streaming

    monkeypatch.setattr(streaming, "_SECONDS_BETWEEN_LOOKS", 0)
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": n} for n in range(3)])
    stream = topics.follow(topic, batch_seconds=0.5)
    assert follow(stream, 3) == []
    topics.broker.delete(topic)
    topics.broker.create(topic, partitions=2)
    topics.broker.send(topic, [{"id": 10}], partition=0)
    topics.broker.send(topic, [{"id": 11}], partition=1)
    told = follow(stream, 2)
    topics.broker.add_partitions(topic, 3)
    topics.broker.send(topic, [{"id": 12}], partition=2)
    follow(stream, 1)
    stream.close()
    assert any("created again" in line for line in told)
    assert sorted(int(row["id"]) for row in topics.rows()) == [0, 1, 2, 10, 11, 12]


def follow(stream, messages: int) -> list[str]:
    """Land so many messages; return what was told."""
    from kafka_broker import wait_until

    left, told = [messages], []

    def has_all() -> bool:
        try:
            left[0] -= stream.follow(lambda: False).messages
        except SourceError as error:  # the topic may be gone for a moment
            told.append(error.what)
        told.extend(stream.take_warnings())
        return left[0] <= 0

    wait_until(has_all, "the messages did not come")
    assert left[0] == 0
    return told


def test_brokers_that_do_not_answer_are_told(topics, monkeypatch):
    from patron.ingest.kafka import client
    from patron.ingest.source import UnreachableError

    monkeypatch.setattr(client, "SECONDS_TO_ANSWER", 1)
    monkeypatch.setenv("PATRON_KAFKA", "127.0.0.1:9")
    with pytest.raises(UnreachableError, match="PATRON_KAFKA names do not answer"):
        topics.land("some")
