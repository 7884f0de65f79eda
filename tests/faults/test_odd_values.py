"""Values that look alike and differ, or differ and look alike: signs of money, numbers, nobody's ids, and accents."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal

import pytest

from patron.pipeline.check.check import check
from shops.building import build_silver, write_project

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}
WORDS = [
    "#REF!",
    "#VALUE!",
    "NaT",
    "N.A.",
    "―",
    "−",
    "…",
    "Unbekannt",
    "[object Object]",
    "NULL",
    "nan",
    "-",
    "\\N",
    "(null)",
    "<NA>",
    "None",
    "—",
    "N/A",
]


def settings(columns=None, file="*.csv", **more):
    lines = {"columns": COLUMNS | (columns or {})}
    return {"shop": {"name": "Odd"}, "sources": {"till": {"files": file, "entities": {"order_lines": lines}}}, **more}


def rows(*values, column="price"):
    plain = {"at": "2024-03-01", "who": "ann", "price": "10"}
    return [{"number": place, **plain, column: value} for place, value in enumerate(values)]


def built(tmp_path, made, files):
    return build_silver(write_project(tmp_path, made, files))


FORMATTED = {"unit_price": {"expression": "price", "format": "1,234.50"}}


def test_signs_of_two_currencies_are_told(build_shop):
    shop = build_shop("signs", settings(FORMATTED), {"a.csv": rows("$10", "$1,200.50", "10 €", "7")})
    (warning,) = [one for one in shop.report.warnings if "several currencies" in one]
    assert warning.startswith("till: unit_price has signs of several currencies ($ in 2 rows, € in 1 row)")
    assert any("several currencies" in one.detail and one.status == "warn" for one in check(shop.project).findings)


def test_signs_of_one_currency_are_not(build_shop):
    shop = build_shop("sign", settings(FORMATTED), {"a.csv": rows("$10", "20 $", "7")})
    assert not [one for one in shop.report.warnings if "several currencies" in one]
    assert sorted(row["unit_price"] for row in shop.rows("silver.order_lines")) == [7, 10, 20]


def test_numbers_of_programs_are_set_aside(tmp_path):
    shop = built(tmp_path, settings(), {"a.csv": rows(*["10"] * 9, "1_000", "1__0", "_1", "1e2")})
    assert sorted(row["unit_price"] for row in shop.rows("silver.order_lines")) == [Decimal(10)] * 9 + [Decimal(100)]
    reasons = {row["quarantine_reason"] for row in shop.rows("quarantine.quarantined_rows")}
    assert reasons == {f"unit_price: {text} is not a valid decimal(18, 4)" for text in ("1_000", "1__0", "_1")}


def test_words_for_nothing_are_guests(tmp_path):
    shop = built(tmp_path, settings(), {"a.csv": rows("ann", *WORDS, column="who")})
    assert [row["customer_id"] for row in shop.rows("silver.order_lines") if row["customer_id"]] == ["ann"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_name_composed_or_not_is_one_customer(tmp_path, kind):
    names = [unicodedata.normalize(form, "Renée Ångström 각") for form in ("NFC", "NFD")]
    assert names[0] != names[1]
    lines = rows(*names, column="who")
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    made = {"a.csv": lines} if kind == "csv" else {"a.jsonl": text}
    shop = built(tmp_path, settings(file="*.*"), made)
    assert {row["customer_id"] for row in shop.rows("silver.order_lines")} == {names[0]}


def test_a_whole_number_of_json_is_one_customer_however_it_is_written(tmp_path):
    line = '{"number": %d, "at": "2024-03-01", "who": %s, "price": 1.50}\n'
    written = ["7", "7.0", "7.00", "0.7e1", '"7"', '"7.0"', "7.5", "1e3", "12345678901234567890"]
    text = "".join(line % (place, who) for place, who in enumerate(written))
    shop = built(tmp_path, settings(file="*.jsonl"), {"a.jsonl": text})
    found = [
        row["customer_id"] for row in sorted(shop.rows("silver.order_lines"), key=lambda row: int(row["order_id"]))
    ]
    assert found == ["7", "7", "7", "7", "7", "7.0", "7.5", "1000", "12345678901234567890"]
