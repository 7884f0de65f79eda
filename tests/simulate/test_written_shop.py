"""Files of a simulated shop: the same lines in every format, and dirt whose counts are the truth."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from patron.errors import SettingsError
from patron.simulate import ShopSpec, simulate_shop, write_shop
from patron.simulate.dirt import TROUBLES

CLEAN = ShopSpec(customers=600, seed=21, refund_rate=0.05, charge_rate=0.1)
DIRTY = replace(CLEAN, dirty_rate=0.1)


def read(written) -> list[dict[str, str | None]]:
    """All rows of csv or jsonl files, as text; blank where csv says nothing, None where JSON says null."""
    rows: list[dict[str, str | None]] = []
    for path in written.files:
        with path.open(encoding="utf-8", newline="") as file:
            if path.suffix == ".csv":
                rows += csv.DictReader(file)
            else:
                rows += (json.loads(line, parse_int=str, parse_float=str) for line in file)
    return rows


def as_csv_text(rows) -> list[dict[str, str]]:
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def test_every_format_holds_the_same_lines(tmp_path):
    table = simulate_shop(CLEAN).table()
    parquet = write_shop(CLEAN, tmp_path / "parquet", "parquet", rows_per_file=1000)
    stored = [row for path in parquet.files for row in pq.read_table(path).to_pylist()]
    assert stored == table.to_pylist()
    for format in ("csv", "jsonl"):
        rows = read(write_shop(CLEAN, tmp_path / format, format, rows_per_file=1000))
        assert as_csv_text(rows) == as_csv_text(table.to_pylist())


def test_files_are_cut_by_rows_and_named_in_order(tmp_path):
    written = write_shop(CLEAN, tmp_path, rows_per_file=1000)
    assert [path.name for path in written.files[:2]] == ["lines-00000.parquet", "lines-00001.parquet"]
    assert {pq.read_metadata(path).num_rows for path in written.files[:-1]} == {1000}
    assert written.lines == sum(written.kinds.values())


def test_truth_lies_beside_the_files(tmp_path):
    written = write_shop(DIRTY, tmp_path, "csv")
    assert pq.read_table(written.truth / "customers.parquet").num_rows == CLEAN.customers
    summary = json.loads((written.truth / "written.json").read_text())
    assert summary["dirt"] == written.dirt
    assert summary["amounts"]["sale"] == str(written.amounts["sale"])


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_dirt_is_there_as_often_as_the_truth_says(tmp_path, format):
    written = write_shop(DIRTY, tmp_path, format)
    rows = as_csv_text(read(written))
    whole = [tuple(row.values()) for row in rows]
    found = Counter(
        blank_order=sum(row["order_id"] == "" for row in rows),
        blank_date=sum(row["ordered_at"] == "" for row in rows),
        impossible_date=sum(row["ordered_at"].startswith("2011-02-30") for row in rows),
        letters_in_quantity=sum(row["quantity"].endswith("x") for row in rows),
        currency_sign=sum(row["unit_price"].startswith("£") for row in rows),
        blank_price=sum(row["unit_price"] == "" for row in rows),
        padded_name=sum(row["product_name"] != row["product_name"].strip() for row in rows),
        exact_duplicate=len(whole) - len(set(whole)),
    )
    assert found == written.dirt
    assert set(found) == {trouble.name for trouble in TROUBLES}
    assert min(found.values()) > 0
    assert written.lines == len(rows) == sum(written.kinds.values()) + found["exact_duplicate"]


def test_a_reader_that_keeps_only_sound_rows_loses_as_many_as_the_truth_says(tmp_path):
    written = write_shop(DIRTY, tmp_path, "csv")
    clean = Counter(tuple(row.values()) for row in as_csv_text(simulate_shop(CLEAN).table().to_pylist()))
    rows = as_csv_text(read(written))
    sound = Counter(tuple({**row, "product_name": row["product_name"].strip()}.values()) for row in rows)
    assert written.outcomes["quarantined"] == sum((sound - clean).values()) - written.outcomes["duplicate"]
    assert written.outcomes["quarantined"] == sum((clean - sound).values())
    assert sum(written.outcomes.values()) == sum(written.dirt.values())


def test_dirt_does_not_depend_on_how_files_are_cut(tmp_path):
    few = write_shop(DIRTY, tmp_path / "few", "csv")
    many = write_shop(DIRTY, tmp_path / "many", "csv", rows_per_file=321)
    assert len(many.files) > len(few.files) == 1
    assert read(many) == read(few)
    assert many.dirt == few.dirt


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_contradictions_are_refused_before_anything_is_written(tmp_path, format):
    with pytest.raises(SettingsError):
        write_shop(DIRTY, tmp_path / "shop", format)
    assert not (tmp_path / "shop").exists()


def test_a_second_shop_does_not_mix_with_the_first(tmp_path):
    write_shop(CLEAN, tmp_path)
    with pytest.raises(SettingsError, match="already holds"):
        write_shop(CLEAN, tmp_path, "csv")
