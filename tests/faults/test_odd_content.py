"""Files that hold what nobody expects, each a source of one shop: kept as it is, or set aside with its reason."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from faults.projects import COLUMNS, GOOD, HEADER, findings, patron, row, settings, source, write

LONG = "x" * 2_000_000
TEMPLATE = "{{ 7 * 7 }}{% raw %}{# no remark #}"
INJECTION = "'; drop table gold.customer_360; --"
ODD_HEADER = 'order_id,ordered_at,customer_id,product_id,product_name,quantity,unit_price,"we""ird",o\'clock,back\\slash,"a;b {c}",{{ y }},ünï\n'

SHOPS: dict[str, tuple[str, str | bytes, dict]] = {
    "plain": ("good.csv", GOOD, {}),
    "long": ("long.csv", HEADER + row(product_name=LONG), {}),
    "lines": ("lines.csv", HEADER + row(product_name='"two\nlines\r\nand ""quotes"""'), {}),
    "emoji": ("emoji ☕.csv", HEADER + row(customer_id="客户", product_name="☕️ 🧑‍🤝‍🧑 Ünïcödé"), {}),
    "injection": ("in'j;ect--.csv", HEADER + row(customer_id=f'"{INJECTION}"', product_name=f'"{INJECTION}"'), {}),
    "template": ("{{ 1 }}.csv", HEADER + row(customer_id=TEMPLATE, product_name=TEMPLATE), {}),
    "odd_columns": (
        "odd.csv",
        ODD_HEADER + row(quantity="two").strip() + ",1,2,3,4,5,6\n" + row().strip() + ",1,2,3,4,5,6\n",
        {"columns": {"region": '"we""ird"', "channel": '"o\'clock"', "status": "ünï", "promotion_id": '"a;b {c}"'}},
    ),
    "twice": ("twice.csv", HEADER.strip() + ",quantity,Quantity\n" + row().strip() + ",77,88\n", {}),
    "wide": (
        "wide.csv",
        f"{HEADER.strip()},{','.join(f'c{i}' for i in range(200))}\n{row().strip()}{',v' * 200}\n",
        {},
    ),
    "zeros": ("zeros.csv", HEADER + row(order_id="0009", customer_id="007", product_id="00p1"), {}),
    "words": (
        "words.csv",
        HEADER + row(quantity="NaN") + row(unit_price="inf") + row(quantity="0x10") + row(ordered_at="infinity"),
        {},
    ),
    "money": ("money.csv", HEADER + row(unit_price='"$1,234.50"') + row(unit_price="€ 5"), {}),
    "formatted": (
        "formatted.csv",
        HEADER + row(unit_price='"$1,234.50"') + row(unit_price="(5.00)") + row(unit_price='"1,23"'),
        {"columns": {"unit_price": {"expression": "unit_price", "format": "1,234.50"}}},
    ),
    "roots": (
        "roots.csv",
        HEADER + row(quantity="-4") + row(quantity="16") + row(quantity=""),
        {"columns": {"quantity": "sqrt(cast(quantity as double))", "product_id": "chr(cast(quantity as int))"}},
    ),
    "filtered": (
        "filtered.csv",
        HEADER + row(quantity="1") + row(quantity="-1") + row(quantity="two"),
        {"where": "ln(cast(quantity as double)) >= 0"},
    ),
    "documents": (
        "documents.jsonl",
        json.dumps(dict.fromkeys(COLUMNS, "1") | {"_id": "mongo", "ordered_at": "2024-03-05", "quantity": 2}) + "\n",
        {"columns": {"order_id": "_id"}},
    ),
    "select": ("select.csv", GOOD, {}),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    sources = {name: source(file, **more) for name, (file, _, more) in SHOPS.items()}
    files = {file: content for file, content, _ in SHOPS.values()}
    folder = write(tmp_path_factory.mktemp("odd"), files, settings(sources=sources, quarantine={"stop_above_rate": 1}))
    outcome = patron("run", "--quiet", folder=folder)
    assert outcome.code == 0, outcome.err
    return folder


def query(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(folder / ".patron" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def sold(folder: Path, name: str, columns: str) -> list[tuple]:
    return query(folder, f"select {columns} from silver.order_lines where source_name = '{name}' order by _row_key")


def set_aside(folder: Path, name: str) -> list[str]:
    sql = f"select quarantine_reason from quarantine.quarantined_rows where source_name = '{name}' order by row_key"
    return [reason for (reason,) in query(folder, sql)]


def test_no_row_is_lost(shop):
    found = findings(shop)
    assert [f for f in found if f["status"] == "fail"] == []
    assert sum(f["section"] == "rows" for f in found) == len(SHOPS)


def test_text_comes_through_as_it_is(shop):
    assert sold(shop, "long", "product_name") == [(LONG,)]
    assert sold(shop, "lines", "product_name") == [('two\nlines\r\nand "quotes"',)]
    assert sold(shop, "emoji", "customer_id, product_name") == [("客户", "☕️ 🧑‍🤝‍🧑 Ünïcödé")]
    assert sold(shop, "injection", "customer_id, product_name") == [(INJECTION, INJECTION)]
    assert sold(shop, "template", "customer_id, product_name") == [(TEMPLATE, TEMPLATE)]
    assert sold(shop, "zeros", "order_id, customer_id, product_id") == [("0009", "007", "00p1")]


@pytest.mark.parametrize("customer", [INJECTION, TEMPLATE, "客户", "007"])
def test_such_a_customer_has_a_card(shop, customer):
    assert patron("profile", customer, "--json", folder=shop).json["customer_id"] == customer
    assert patron("profile", customer, folder=shop).code == 0


def test_columns_of_any_name_are_read(shop):
    assert sold(shop, "odd_columns", "region, channel, promotion_id, status") == [("1", "2", "4", "6")]
    raw = query(shop, "select raw_row from quarantine.quarantined_rows where source_name = 'odd_columns'")
    kept = json.loads(raw[0][0])
    assert (kept['we"ird'], kept["o'clock"], kept["back\\slash"], kept["quantity"]) == ("1", "2", "3", "two")
    assert sold(shop, "twice", "quantity") == [(Decimal(1),)]
    assert sold(shop, "wide", "quantity") == [(Decimal(1),)]
    assert sold(shop, "documents", "order_id, quantity") == [("mongo", Decimal(2))]


def test_words_that_are_no_numbers_are_set_aside(shop):
    assert set_aside(shop, "words")[:3] == [
        "quantity: NaN is not a valid decimal(18, 4)",
        "unit_price: inf is not a valid decimal(18, 4)",
        "quantity: 0x10 is not a valid decimal(18, 4)",
    ]
    assert set_aside(shop, "words")[3].startswith("ordered_at: ")


def test_money_needs_its_format(shop):
    assert set_aside(shop, "money") == [
        "unit_price: $1,234.50 is not a valid decimal(18, 4)",
        "unit_price: € 5 is not a valid decimal(18, 4)",
    ]
    assert sorted(sold(shop, "formatted", "unit_price")) == [(Decimal(-5),), (Decimal("1234.5"),)]  # (5.00) is -5
    assert set_aside(shop, "formatted") == ["unit_price: 1,23 is not a valid decimal(18, 4)"]


def test_an_expression_that_raises_sets_the_row_aside(shop):
    assert sold(shop, "roots", "quantity, product_id") == [(Decimal(4), chr(16))]
    assert set_aside(shop, "roots") == ["product_id: -4 is not valid text", "quantity: required, but blank"]


def test_a_filter_that_raises_leaves_the_row_out(shop):
    assert sold(shop, "filtered", "quantity") == [(Decimal(1),)]
    rows = next(f["detail"] for f in findings(shop) if f["name"] == "filtered as order_lines")
    assert rows.startswith("3 in = 1 silver + 0 duplicates + 0 quarantined + 2 filtered")


REFUSED = {
    "binary": ("a.csv", bytes(range(256)) * 20, 3, "no text file"),
    "a workbook": ("a.csv", b"PK\x03\x04" + bytes(range(256)) * 4, 3, "workbook or zip archive"),
    "no header": ("a.csv", row() + row(), 3, "the file has no column 'order_id'"),
    "a misspelt column": ("a.csv", GOOD.replace("unit_price", "unit_prise"), 3, "did you mean 'unit_prise'?"),
    "nothing": ("a.csv", "", 3, "No file of the source receipts has any rows"),
    "blank lines": ("a.csv", "\n\n\n", 3, "No file of the source receipts has any rows"),
    "no such file": ("a.txt", GOOD, 3, "No file of the source receipts has any rows"),
    "a cut archive": ("a.csv", b"\x1f\x8b\x08\x00" + b"\0" * 10, 3, "cannot be read to its end"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_a_source_is_refused_by_name(tmp_path, what):
    file, content, code, message = REFUSED[what]
    folder = write(tmp_path, {file: content}, settings(sources={"receipts": source("**/*.csv")}))
    outcome = patron("run", "--json", folder=folder)
    assert (outcome.code, outcome.json["error"]) == (code, "source")
    assert message in outcome.err
    assert outcome.json["where"]
    assert outcome.json["next"]
    assert "Traceback" not in outcome.err
    assert patron("query", "select 1", folder=folder).code == 7


def test_a_folder_that_is_not_there_is_named(tmp_path):
    folder = write(tmp_path, {}, settings(data="nowhere"))
    assert f"There is no folder {tmp_path / 'nowhere'}" in patron("run", "--quiet", folder=folder).err


def test_a_source_whose_files_were_empty_takes_a_later_file(tmp_path):
    folder = write(tmp_path, {"a.csv": ""})
    assert patron("run", "--quiet", folder=folder).code == 3
    (folder / "data" / "b.csv").write_text(HEADER)
    report = patron("run", "--json", folder=folder).json
    assert (report["rows_landed"], report["rebuilt"]) == (0, True)
    assert all(f["status"] != "fail" for f in findings(folder) if f["section"] != "freshness")
    assert patron("query", "select count(*) as n from customer_360", "--json", folder=folder).json == [{"n": 0}]
    assert patron("profile", "c1", folder=folder).code == 3
