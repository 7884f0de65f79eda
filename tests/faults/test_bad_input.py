"""One shop whose files hold every kind of trouble: each bad row is set aside with its reason, and nothing is lost."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from patron.errors import SourceError
from patron.lake import Lake
from patron.pipeline.check.check import check
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import BuiltShop, write_project

HEADER = "Order,At,Customer,Qty,Price,Name\n"
COLUMNS = {
    "order_id": "Order",
    "ordered_at": {"expression": "At", "format": ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]},
    "customer_id": "Customer",
    "quantity": "Qty",
    "unit_price": {"expression": "Price", "format": "1,234.50"},
    "product_name": "Name",
}


def settings(files: str = "*.csv", columns: dict | None = None) -> dict:
    lines = {"columns": columns or COLUMNS}
    return {
        "shop": {"name": "Trouble"},
        "quarantine": {"stop_above_rate": 1},
        "sources": {"till": {"files": files, "entities": {"order_lines": lines}}},
    }


FILES = {
    "1-good.csv": HEADER + 'a1,2024-01-01 10:00,c1,2,"$1,234.50",Lamp\na2,31/01/2024 11:30,c2,1,$3,Cup\n',
    "2-bad.csv": HEADER
    + "b1,31/02/2024 10:00,c1,1,1,no such day\n"
    + "b2,2024-01-02 10:00,c1,1e18,1,too many\n"
    + "b3,2024-01-02 10:00,c1,two,1,letters\n"
    + 'b4,2024-01-02 10:00,c1,1,"1,5",separator out of place\n'
    + "b5,,c1,1,1,no time\n"
    + ",2024-01-02 10:00,c1,1,1,no order\n"
    + "b7,9999-12-31 00:00,c1,1,1,a stand-in\n"
    + "b8,2024-01-02 10:00,c1,10000000,20000000,more than thirteen digits\n",
    "3-cut.csv": HEADER + "d1,2024-01-03 10:00,c3,1,5,whole\nd2,2024-01-03 10:0",
    "4-empty.csv": "",
    "6-blanks.csv": " Order , At ,Customer,Qty,Price, Name \ne1,2024-01-04 10:00,c4,1,7,Vase\n",
    "7-quoted-header.csv": '"Order,At,Customer,Qty,""Price"",Name"\nf1,2024-01-05 10:00,c5,1,9,Bowl\n',
    "8-newline.csv": HEADER + 'g1,2024-01-06 10:00,c6,1,11,"two\nlines"\n',
}

REASONS = {
    "ordered_at: 31/02/2024 10:00 is not a valid timestamp",
    "quantity: 1e18 is not a valid decimal(18, 4)",
    "quantity: two is not a valid decimal(18, 4)",
    "unit_price: 1,5 is not a valid decimal(18, 4)",
    "ordered_at: required, but blank",
    "order_id: required, but blank",
    "quantity x unit_price has more than 13 digits",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> BuiltShop:
    folder = write_project(tmp_path_factory.mktemp("trouble"), settings(), FILES)
    latin = HEADER + "h1,2024-01-07 10:00,c7,1,13,Café crème\n"
    (folder / "data" / "5-latin.csv").write_bytes(latin.encode("latin-1"))
    built = BuiltShop(folder)
    built.run()
    return built


def test_good_rows_of_every_file_are_sold(shop):
    sold = {row["order_id"]: row["line_amount"] for row in shop.rows("silver.order_lines")}
    amounts = {"a1": "2469", "a2": "3", "d1": "5", "e1": "7", "f1": "9", "g1": "11", "h1": "13"}
    assert sold == {order: Decimal(amount) for order, amount in amounts.items()}


def test_both_formats_of_dates_are_read(shop):
    days = {row["order_id"]: f"{row['ordered_at']:%Y-%m-%d %H:%M}" for row in shop.rows("silver.order_lines")}
    assert (days["a1"], days["a2"]) == ("2024-01-01 10:00", "2024-01-31 11:30")


def test_text_keeps_its_letters_and_its_line_breaks(shop):
    names = {row["order_id"]: row["product_name"] for row in shop.rows("silver.order_lines")}
    assert (names["h1"], names["g1"]) == ("Café crème", "two\nlines")


def test_each_bad_row_says_why_and_keeps_its_values(shop):
    rows = shop.rows("quarantine.quarantined_rows")
    reasons = {row["quarantine_reason"] for row in rows}
    assert reasons >= REASONS
    assert len(rows) == 8
    assert {reason.split(":")[0] for reason in reasons - REASONS} == {"ordered_at"}  # the year 9999
    assert any('"Qty":"1e18"' in row["raw_row"] and '"Name":"too many"' in row["raw_row"] for row in rows)
    assert {row["source_file"] for row in rows} == {"2-bad.csv"}


def test_a_row_cut_off_is_rejected_with_file_line_and_reason(shop):
    files = [str(path) for path in Lake(shop.project.lake).rejected("till").files()]
    found = duckdb.sql(f"select _source_file, line, reason, raw from read_parquet({files})").fetchall()
    assert [(file, line, raw) for file, line, _, raw in found] == [("3-cut.csv", 3, "d2,2024-01-03 10:0")]
    assert "2" in found[0][2]
    assert "6" in found[0][2]
    assert any("3-cut.csv" in warning for warning in shop.report.warnings)


def test_an_empty_file_is_a_warning(shop):
    assert any("4-empty.csv" in warning for warning in shop.report.warnings)


def test_every_row_is_accounted_for(shop):
    report = check(shop.project)
    assert not report.failed
    rows = next(finding for finding in report.findings if finding.section == "rows")
    assert rows.detail == "15 in = 7 silver + 0 duplicates + 8 quarantined + 0 filtered"
    warned = {finding.section for finding in report.findings if finding.status == "warn"}
    assert warned == {"files", "money", "quarantine"}


def test_a_second_run_lands_nothing_and_builds_nothing(shop):
    report = run(shop.project)
    assert (report.as_dict()["rows_landed"], report.is_new) == (0, False)


def test_a_binary_file_stops_the_source_before_anything_lands(tmp_path):
    write_project(tmp_path, settings(), {"1.csv": FILES["1-good.csv"]})
    (tmp_path / "data" / "2.csv").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(SourceError) as raised:
        run(Project.load(tmp_path))
    assert "2.csv" in str(raised.value)
    assert not (tmp_path / ".patron" / "lake" / "till").exists()
    assert not (tmp_path / ".patron" / "published").exists()


def test_a_missing_column_names_file_column_and_nearest(tmp_path):
    write_project(tmp_path, settings(), {"1.csv": FILES["1-good.csv"].replace("Price", "Prise")})
    with pytest.raises(SourceError) as raised:
        run(Project.load(tmp_path))
    message = str(raised.value)
    assert "1.csv" in message
    assert "'Price'" in message
    assert "Prise" in message
    assert not (tmp_path / ".patron" / "lake" / "till").exists()


def test_no_file_at_all_says_where_it_looked(tmp_path):
    write_project(tmp_path, settings("nothing-*.csv"), {"1.csv": FILES["1-good.csv"]})
    with pytest.raises(SourceError) as raised:
        run(Project.load(tmp_path))
    assert "nothing-*.csv" in str(raised.value)
    assert raised.value.exit_code == 3
