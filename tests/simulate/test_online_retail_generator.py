"""The online_retail example's files: the shape and the traps of the real export, and a truth that adds up."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

from patron.examples.online_retail.generator import generate


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("online_retail"))


@pytest.fixture(scope="module")
def rows(written):
    rows = []
    for path in written["files"]:
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


def of_code(rows, code):
    return [row for row in rows if row["StockCode"] == code]


def test_one_file_a_month_each_with_the_header_and_its_month_only(written):
    assert [path.name for path in written["files"]] == [
        "2010-12.csv",
        *(f"2011-{month:02d}.csv" for month in range(1, 13)),
    ]
    for path in written["files"]:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
        assert all(f",{path.stem}-" in line for line in lines[1:])


def test_values_look_like_the_real_ones(rows):
    for row in rows:
        assert re.fullmatch(r"[CA]?5\d{5}", row["InvoiceNo"])
        assert re.fullmatch(r"-?\d+", row["Quantity"])
        assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:00", row["InvoiceDate"])
        assert re.fullmatch(r"-?\d+\.\d\d?", row["UnitPrice"])
        assert re.fullmatch(r"(1\d{4}\.0)?", row["CustomerID"])


def test_size_and_period_are_as_requested(rows, written):
    assert len(rows) == written["lines"] == pytest.approx(25_000, rel=0.1)
    dates = sorted(row["InvoiceDate"][:10] for row in rows)
    assert dates[0] >= "2010-12-01"
    assert dates[-1] <= "2011-12-09"
    assert not any(datetime.fromisoformat(day).weekday() == 5 for day in set(dates))


def test_truth_by_kind_adds_up_to_the_files(rows, written):
    assert sum(written["kinds"].values()) == len(rows)
    total = sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
    assert sum(written["amounts"].values()) == total
    assert set(written["kinds"]) == {"sale", "return", "discount", "free", "adjustment", "bad_debt", "charge"}


def test_truth_counts_what_can_be_counted_in_the_files(rows, written):
    assert written["guest_lines"] == sum(not row["CustomerID"] for row in rows)
    assert written["customers"] == len({row["CustomerID"] for row in rows} - {""})
    assert written["null_descriptions"] == sum(not row["Description"] for row in rows) > 0
    assert written["zero_prices"] == sum(row["UnitPrice"] == "0.0" for row in rows) > 0
    assert written["negative_quantities"] == sum(row["Quantity"].startswith("-") for row in rows) > 0
    assert written["exact_duplicates"] == len(rows) - len({tuple(row.values()) for row in rows}) > 0


def test_a_quarter_of_the_lines_has_no_customer(rows, written):
    assert written["guest_lines"] / len(rows) == pytest.approx(0.25, abs=0.05)


def test_credit_notes_take_back_and_other_invoices_sell_or_correct_stock(rows):
    credits = [row for row in rows if row["InvoiceNo"].startswith("C")]
    assert credits
    assert all(row["Quantity"].startswith("-") for row in credits)
    corrections = [r for r in rows if r["Quantity"].startswith("-") and not r["InvoiceNo"].startswith("C")]
    assert corrections
    assert all(row["UnitPrice"] == "0.0" and not row["CustomerID"] for row in corrections)


@pytest.mark.parametrize("code", ["POST", "DOT", "M", "D", "C2", "B", "BANK CHARGES", "AMAZONFEE"])
def test_codes_that_are_no_articles_are_there(rows, code):
    assert of_code(rows, code)


def test_bad_debts_stand_on_a_invoices_at_negative_prices(rows):
    debts = [row for row in rows if row["InvoiceNo"].startswith("A")]
    assert debts == of_code(rows, "B")
    assert [Decimal(row["UnitPrice"]) < 0 for row in debts] == [False, True, True]
    assert not any(row["CustomerID"] for row in debts)


def test_manual_lines_go_both_ways_and_discounts_one(rows):
    assert {row["Quantity"] for row in of_code(rows, "M")} == {"1", "-1"}
    assert {row["Quantity"] for row in of_code(rows, "D")} == {"-1"}


def test_stock_remarks_stand_where_names_should(rows):
    remarks = {row["Description"] for row in rows if row["UnitPrice"] == "0.0"}
    assert {"damaged", "check", "missing"} <= remarks


def test_countries_are_mostly_home_and_all_the_odd_ones(rows):
    countries = Counter(row["Country"] for row in rows)
    assert countries["United Kingdom"] > 0.8 * len(rows)
    odd = {"EIRE", "Germany", "France", "RSA", "USA", "Channel Islands", "Unspecified", "European Community"}
    assert odd <= set(countries)


def test_names_hold_commas_quotes_and_trailing_blanks(rows):
    names = {row["Description"] for row in rows}
    assert any("," in name for name in names)
    assert any('"' in name for name in names)
    assert any(name.endswith(" ") for name in names)


def test_some_prices_stay_some_change_once_and_some_come_and_go(rows):
    prices = defaultdict(list)
    for row in rows:
        if re.match(r"\d{5}", row["StockCode"]) and row["UnitPrice"] != "0.0":
            history = prices[row["StockCode"]]
            if not history or history[-1] != row["UnitPrice"]:
                history.append(row["UnitPrice"])
    stable = sum(len(history) == 1 for history in prices.values())
    changed = sum(len(history) == 2 for history in prices.values())
    oscillating = sum(len(history) > len(set(history)) for history in prices.values())
    assert min(stable, changed, oscillating) > 20


def test_one_invoice_number_one_moment_and_customer(rows):
    invoices = {(row["InvoiceNo"], row["InvoiceDate"], row["CustomerID"]) for row in rows}
    assert len(invoices) == len({number for number, *_ in invoices})


@pytest.mark.parametrize("seed", [1, 2])
def test_same_seed_same_files(tmp_path, seed):
    one, two = (generate(tmp_path / name, lines=3000, seed=seed) for name in ("one", "two"))
    assert [p.read_bytes() for p in one["files"]] == [p.read_bytes() for p in two["files"]]


def test_small_shops_have_every_trap_too(tmp_path):
    small = generate(tmp_path, lines=3000, seed=4)
    assert set(small["kinds"]) == {"sale", "return", "discount", "free", "adjustment", "bad_debt", "charge"}
