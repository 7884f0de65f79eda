"""What `patron inspect` says of files, and of what landed: which of its columns nothing maps."""

from __future__ import annotations

import pytest

from patron.errors import SettingsError, SourceError
from patron.pipeline.doctor import diagnose
from patron.pipeline.inspect import inspect_files, inspect_source
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import add_files, table_rows, write_project

LINES = table_rows("""
number | at         | who | price  | colour | till
1      | 2024-03-01 | 7   | 100.00 | red    | A
2      | 2024-03-02 | 8   | 50.00  | blue   | A
""")
PEOPLE = [{"id": 7, "city": "Bonn", "note": "x"}, {"id": 8, "city": "Ulm", "note": "y"}]


def settings(left=None):
    columns = {
        "order_id": "number",
        "ordered_at": "at",
        "customer_id": "who",
        "unit_price": "price",
        "region": "people.city",
    }
    lines = {
        "files": "lines.csv",
        "lookups": {"people": {"on": {"id": "who"}}},
        "entities": {"order_lines": {"columns": columns}},
    }
    lines |= {"left": left} if left else {}
    sources = {"lines": lines, "people": {"files": "people.csv"}}
    return {"shop": {"name": "S", "currency": "EUR", "timezone": "UTC"}, "sources": sources}


FILES = {"lines.csv": LINES, "people.csv": PEOPLE}


def test_files_need_no_project(tmp_path):
    add_files(tmp_path, FILES | {"broken.parquet": "no"})
    found = inspect_files([tmp_path / "data"])
    assert [(table.name, table.rows, table.keys) for table in found.tables] == [
        ("lines.csv", 2, ["number", "who", "colour"]),
        ("people.csv", 2, ["id", "city", "note"]),
    ]
    assert list(found.skipped) == [str(tmp_path / "data/broken.parquet")]
    assert inspect_files([tmp_path / "data/lines.csv"], rows=1).tables[0].is_whole is False
    with pytest.raises(SourceError, match="There is no"):
        inspect_files([tmp_path / "nowhere.csv"])


def test_columns_that_nothing_maps_are_named_after_landing(tmp_path):
    project = Project.load(write_project(tmp_path, settings({"till": "one till only"}), FILES))
    with pytest.raises(SourceError):
        inspect_source(project, "lines")
    run(project)
    assert inspect_source(project, "lines").unmapped == {"lines": ["colour"]}
    assert inspect_source(project, "people").unmapped == {"people": ["note"]}  # `id` is a key, `city` is looked up
    assert inspect_source(project, "lines").tables[0].rows == 2


def test_doctor_names_them_before(tmp_path):
    found = {f.name: f for f in diagnose(write_project(tmp_path, settings(), FILES)) if f.section == "columns"}
    assert found["lines"].status == "warn"
    assert found["lines"].detail.startswith("nothing reads colour, till;")
    folder = write_project(tmp_path / "left", settings({"colour": "of no use", "Till ": "one only"}), FILES)
    found = {f.name: f for f in diagnose(folder) if f.section == "columns"}
    assert found["lines"].status == "pass"


def test_a_column_that_is_read_cannot_be_left(tmp_path):
    folder = write_project(tmp_path, settings({"price": "of no use"}), FILES)
    with pytest.raises(SettingsError, match="'price' is listed as left, and the mapping reads it") as refused:
        Project.load(folder)
    assert "sources.lines.left.price" in refused.value.where


def test_a_column_whose_inside_is_read_is_mapped(tmp_path):
    columns = {"order_id": "id", "ordered_at": "at", "customer_id": "who.id", "unit_price": "items.price"}
    lines = {"files": "orders.jsonl", "entities": {"order_lines": {"explode": "items", "columns": columns}}}
    shop = {"shop": {"name": "S", "currency": "EUR", "timezone": "UTC"}, "sources": {"lines": lines}}
    text = '{"id": 1, "at": "2024-03-01", "who": {"id": 7}, "items": [{"price": "5.00"}], "note": "x"}'
    found = {
        f.name: f for f in diagnose(write_project(tmp_path, shop, {"orders.jsonl": text})) if f.section == "columns"
    }
    assert found["lines"].detail.startswith("nothing reads note;")
