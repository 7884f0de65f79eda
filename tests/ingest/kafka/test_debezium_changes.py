"""Changes land so that the latest row of a key is the table's row now: Debezium's envelope, and topics with a key."""

from __future__ import annotations

import json
import random
from typing import Any

from shops.building import BuiltShop, write_project


def current(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """By key, the newest row that does not say that the row is gone."""
    newest = {row["id"]: row for row in sorted(rows, key=lambda row: row["_row_key"])}
    return {key: row["name"] for key, row in newest.items() if not row["_is_deleted"]}


def change(op: str, before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after, "op": op, "ts_ms": 1, "source": {"table": "people"}}


def test_any_changes_of_a_table_lead_to_the_table(topics):
    topic, chance = topics.broker.new_topic(), random.Random(7)
    table: dict[str, str] = {}
    for _ in range(60):
        id_, name = str(chance.randrange(6)), chance.choice("abc")
        before = {"id": int(id_), "name": table[id_]} if id_ in table else None
        if before and chance.random() < 0.4:
            topics.broker.send(topic, [change("d", before, None), None], key={"id": int(id_)})
            del table[id_]
        else:
            op = "u" if before else chance.choice("cr")
            shown = before if chance.random() < 0.5 else None
            topics.broker.send(topic, [change(op, shown, {"id": int(id_), "name": name})], key={"id": int(id_)})
            table[id_] = name
    landing = topics.land(topic, envelope="debezium")
    assert landing.rejected_rows == 0
    assert current(topics.rows()) == table
    assert topics.lake.table("events").source_key() == ["id"]


def test_values_are_converted_as_the_schema_in_the_message_says(topics):
    topic = topics.broker.new_topic()
    types = [
        {"field": "id", "type": "int32"},
        {"field": "price", "name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": "2"}},
        {"field": "day", "name": "io.debezium.time.Date"},
        {"field": "at", "name": "io.debezium.time.MicroTimestamp"},
    ]
    schema = {"fields": [{"field": "after", "fields": types}]}
    # 12.34 is 1234 = 0x04d2; 19723 days and 1704103200000000 microseconds after 1970 are 2024-01-01 (10:00)
    after = {"id": 1, "price": "BNI=", "day": 19723, "at": 1704103200000000}
    key = {"schema": {"fields": types[:1]}, "payload": {"id": 1}}
    topics.broker.send(topic, [{"schema": schema, "payload": change("c", None, after)}], key=key)
    topics.land(topic, envelope="debezium")
    (row,) = topics.rows()
    assert (row["id"], row["price"], row["day"], row["at"]) == ("1", "12.34", "2024-01-01", "2024-01-01 10:00:00")


def test_what_is_no_change_is_rejected(topics):
    topic = topics.broker.new_topic()
    key = json.dumps({"id": 1}).encode()
    topics.broker.send(topic, [{"id": 1}, change("t", None, None), change("c", None, None)], key=key)
    assert topics.land(topic, envelope="debezium").rejected_rows == 3
    assert [row["reason"] for row in topics.rejected()] == [
        "no change by Debezium", "a truncated table: its rows are not deleted here", "a change without the row"
    ]  # fmt: skip


def test_the_newest_message_of_a_key_counts_and_one_without_a_value_deletes(topics):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}], key=b"1")
    topics.broker.send(topic, [{"id": 2, "name": "c"}, None, {"name": "no id"}], key=b"2")
    topics.broker.send(topic, [{"id": 3, "name": "d"}, None], key={"id": 3})
    assert topics.land(topic, key=("id",)).rejected_rows == 1
    assert current(topics.rows()) == {"1": "b"}
    assert topics.lake.table("events").source_key() == ["id"]


def test_a_deleted_row_leaves_the_tables_of_a_shop(kafka, tmp_path):
    topic = kafka.new_topic()

    def line(number: int, price: str) -> dict[str, Any]:
        return {"n": number, "order": f"o{number}", "who": "ann", "at": "2024-01-01 10:00", "sku": "T", "price": price}

    def send(number: int, *changes: dict[str, Any]) -> None:
        kafka.send(topic, changes, key={"n": number})

    send(1, change("r", None, line(1, "1.00")))
    send(2, change("c", None, line(2, "2.00")))
    columns = {
        "order_id": '"order"', "customer_id": "who", "ordered_at": '"at"', "product_id": "sku", "unit_price": "price",
        "quantity": {"expression": "1"},
    }  # fmt: skip
    source = {"kafka": {"topics": topic, "envelope": "debezium"}, "entities": {"order_lines": {"columns": columns}}}
    shop = BuiltShop(write_project(tmp_path / "shop", {"shop": {"name": "S"}, "sources": {"db": source}}, {}))
    shop.run_silver()
    assert prices(shop) == {"o1": "1.00", "o2": "2.00"}
    send(1, change("d", line(1, "1.00"), None))
    send(2, change("u", None, line(2, "2.50")))
    shop.run_silver()
    assert prices(shop) == {"o2": "2.50"}


def prices(shop: BuiltShop) -> dict[str, str]:
    held = shop.query("select order_id, cast(unit_price as decimal(9, 2)) as price from silver.order_lines")
    return {row["order_id"]: str(row["price"]) for row in held}
