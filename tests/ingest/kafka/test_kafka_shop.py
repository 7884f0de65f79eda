"""Shops whose rows come from topics, run from patron.yaml to the tables."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from shops import delivery
from shops.building import BuiltShop, as_csv, write_project

_LINES = {
    "order_id": "receipt",
    "customer_id": "who",
    "ordered_at": "sold_at",
    "product_id": "sku",
    "quantity": "count",
    "unit_price": "price",
}


def line(receipt: int, who: str, price: str) -> dict[str, object]:
    return {
        "receipt": receipt,
        "who": who,
        "sold_at": f"2024-01-{receipt:02} 10:00",
        "sku": "T",
        "count": 1,
        "price": price,
    }


def test_files_and_a_topic_fill_one_entity(kafka, tmp_path):
    topic = kafka.new_topic()
    kafka.send(topic, [line(1, "a", "10.10"), {"receipt": 2}, line(3, "b", "3.00")])
    sources = {
        "till": {"files": "*.csv", "entities": {"order_lines": {"columns": _LINES}}},
        "web": {"kafka": {"topics": topic}, "entities": {"order_lines": {"columns": _LINES}}},
    }
    settings = {"shop": {"name": "Mix"}, "sources": sources, "quarantine": {"stop_above_rate": 1}}
    shop = BuiltShop(write_project(tmp_path / "shop", settings, {"a.csv": as_csv([line(4, "a", "5.00")])}))
    shop.run_silver()
    assert [(row["source_name"], row["customer_id"], str(row["unit_price"])) for row in lines_of(shop)] == [
        ("till", "a", "5.0000"), ("web", "a", "10.1000"), ("web", "b", "3.0000")
    ]  # fmt: skip
    assert [row["source_name"] for row in shop.rows("quarantine.quarantined_rows")] == ["web"]
    kafka.send(topic, [line(5, "c", "1.00")])
    assert shop.run_silver().as_dict()["rows_landed"] == 1
    assert len(lines_of(shop)) == 4


def lines_of(shop: BuiltShop) -> list[dict]:
    return shop.query("select * from silver.order_lines order by source_name, order_id")


@pytest.mark.real_data
def test_the_thousand_messages_of_the_food_delivery_topic(kafka, tmp_path, real_data):
    file = real_data / "food_delivery" / "mage_kafka_batch_sample.parquet"
    if not file.exists():
        pytest.skip(f"no {file}")
    messages = [text.encode() for text in pq.read_table(file)["data"].to_pylist()]
    topic = kafka.new_topic(partitions=2)
    for partition in range(2):
        kafka.send(topic, messages[partition::2], partition)
    settings = delivery.settings()
    settings["sources"]["deliveries"] = {"kafka": {"topics": topic}, **delivery.deliveries_mapping(order_id=None)}
    settings["as_of"] = "2022-04-06"
    shop = BuiltShop(write_project(tmp_path / "shop", settings, delivery.FILES))
    report = shop.run(select="+deliveries")
    assert (report.landed["deliveries"].rows, report.landed["deliveries"].rejected_rows) == (1000, 0)
    parsed = [json.loads(message) for message in messages]
    expected = {each["ID"].strip(): each["Order_Date"] for each in parsed}
    held = shop.query("select delivery_id, strftime(ordered_at, '%d-%m-%Y') as day from silver.deliveries")
    assert {row["delivery_id"]: row["day"] for row in held} == expected
    assert len(held) == len(expected)
