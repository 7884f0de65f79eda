"""An accent is part of its character, whichever program wrote it: in headers, values, patron.yaml and rule files."""

from __future__ import annotations

import unicodedata

import pyarrow.parquet as pq
import pytest
import yaml

from patron.ingest.column_names import find_missing_columns, make_column_names
from patron.ingest.files.land import FileSource, land_files
from patron.lake import Lake
from patron.project.settings.yaml_file import read_settings
from patron.transform.rule_files import read_csv


def decompose(text: str) -> str:
    """As macOS and some databases write it: the accent is a character of its own."""
    return unicodedata.normalize("NFD", text)


SETTINGS = """
shop: {name: "Käserei"}
sources:
  till:
    files: "*.csv"
    entities:
      order_lines:
        columns: {order_id: Nr, ordered_at: Datum, customer_id: Kündin, unit_price: Preis, status: Zustand}
customers: {guests: [Gäst]}
orders: {spend_statuses: [bezählt]}
"""
ROWS = [
    {"Nr": n, "Datum": f"2024-03-{n:02}", "Kündin": who, "Preis": 10, "Zustand": paid}
    for n, who, paid in [(1, "Zoë", "bezählt"), (2, "Zoë", "bezählt"), (3, "Gäst", "bezählt"), (4, "Zoë", "offen")]
]


def write_in(form: str, row: dict) -> dict:
    return {unicodedata.normalize(form, k): unicodedata.normalize(form, str(v)) for k, v in row.items()}


@pytest.mark.parametrize("settings_form", ["NFC", "NFD"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_files_and_settings_mean_the_same_in_either_form(build_money, form, settings_form):
    settings = yaml.safe_load(unicodedata.normalize(settings_form, SETTINGS))
    shop = build_money(f"{form}-{settings_form}", settings, {"a.csv": [write_in(form, row) for row in ROWS]})
    assert [(row["customer_id"], row["order_count"], row["net_amount"]) for row in shop.rows("gold.customer_360")] == [
        ("Zoë", 2, 20)
    ]
    assert sum(row["net_amount"] for row in shop.rows("gold.daily_metrics")) == 30


def test_a_header_in_another_form_tomorrow_is_the_same_column(build_money):
    files = {"1.csv": [write_in("NFD", row) for row in ROWS[:2]], "2.csv": [write_in("NFC", row) for row in ROWS[2:]]}
    shop = build_money("tomorrow", yaml.safe_load(SETTINGS), files)
    assert [row["net_amount"] for row in shop.rows("gold.customer_360")] == [20]
    columns = Lake(shop.project.lake).table("till").schema().names
    assert [name for name in columns if name.startswith("K")] == ["Kündin"]


def test_a_lake_whose_column_has_the_other_form_takes_new_files(tmp_path, monkeypatch):
    for name, content in {"a.csv": decompose("Kündin\nx\n"), "b.csv": "Kündin\ny\n"}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    lake = Lake(tmp_path / "lake")
    with monkeypatch.context() as earlier:
        earlier.setattr("patron.ingest.column_names.unicodedata.normalize", lambda _, text: text)
        land_files(lake, FileSource("till", ("a.csv",)), root=tmp_path)
    land_files(lake, FileSource("till", ("*.csv",)), root=tmp_path)
    table = lake.table("till")
    (column,) = [name for name in table.schema().names if name.startswith("K")]
    assert column == decompose("Kündin")
    assert sorted(value for file in table.files() for value in pq.read_table(file)[column].to_pylist()) == ["x", "y"]


def test_two_headers_that_look_alike_are_two_columns_with_names_of_their_own():
    assert make_column_names(["Kündin", decompose("Kündin")]) == ["Kündin", "Kündin_2"]
    assert find_missing_columns(["Kündin"], [decompose("Kündin")]) == []


def test_names_of_files_stay_as_they_are_written(tmp_path):
    path = tmp_path / "patron.yaml"
    text = decompose("data: Käse\nsources:\n  till: {files: [Käse*.csv], null_values: [Käse]}\n")
    path.write_text(text, encoding="utf-8")
    content, _ = read_settings(path)
    assert content["data"] == decompose("Käse")
    assert content["sources"]["till"] == {"files": [decompose("Käse*.csv")], "null_values": ["Käse"]}


def test_a_rule_file_is_read_in_one_form(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text(decompose("raw,name\nKäse,Brötchen\n"), encoding="utf-8")
    assert read_csv(path, ["raw", "name"]) == [(2, {"raw": "Käse", "name": "Brötchen"})]
