"""What `patron doctor` says of a mapping before anything lands: every expression, computed on a sample."""

from __future__ import annotations

from patron.pipeline.doctor import diagnose
from shops.building import table_rows, write_project

LINES = table_rows("""
number | at         | who | price
1      | 2024-03-01 | ann | 100.00
2      | 2024-03-02 | ben | free
3      | soon       | cem | 5.00
4      |            | cem | 7.00
""")
COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}


def settings(**source):
    lines = {"files": "lines.csv", "entities": {"order_lines": {"columns": COLUMNS}}, **source}
    return {"shop": {"name": "S", "currency": "EUR", "timezone": "UTC"}, "sources": {"lines": lines}}


def sample_findings(folder):
    return {finding.name: finding for finding in diagnose(folder) if finding.section == "sample"}


def test_values_that_do_not_convert_are_counted_by_column(tmp_path):
    found = sample_findings(write_project(tmp_path, settings(), {"lines.csv": LINES}))["lines: order_lines"]
    assert found.status == "fail"  # three of four rows would be set aside
    assert set(found.detail.split("; ")) == {
        "ordered_at: 1 of 4 values are not times",
        "ordered_at: 1 of 4 values are blank",
        "unit_price: 1 of 4 values are not amounts",
    }
    assert not (tmp_path / ".patron").exists()


def test_few_bad_values_are_a_warning_and_none_a_pass(tmp_path):
    few = write_project(tmp_path / "few", settings(), {"lines.csv": [LINES[0]] * 9 + [LINES[1]]})
    assert sample_findings(few)["lines: order_lines"].status == "warn"
    none = write_project(tmp_path / "none", settings(), {"lines.csv": [LINES[0]] * 9})
    assert sample_findings(none)["lines: order_lines"].detail == "all 9 rows of a sample convert"


def test_lookups_are_computed_too(tmp_path):
    shop = settings(lookups={"people": {"on": {"id": "who"}}})
    shop["sources"]["lines"]["entities"]["order_lines"]["columns"] = COLUMNS | {"ordered_at": "people.since"}
    shop["sources"]["people"] = {"files": "people.csv"}
    people = [{"id": "ann", "since": "2024-01-01"}, {"id": "ben", "since": "2024-01-02"}]
    found = sample_findings(write_project(tmp_path, shop, {"lines.csv": [LINES[0], LINES[2]], "people.csv": people}))
    assert (
        found["lines: order_lines"].detail == "ordered_at: 1 of 2 values are without their row: nothing found in people"
    )


def test_an_open_question_fails(tmp_path):
    shop = settings()
    shop["sources"]["lines"]["entities"]["order_lines"]["columns"] = COLUMNS | {"unit_price": "CHANGE_ME"}
    folder = write_project(tmp_path, shop, {"lines.csv": LINES})
    (failed,) = [finding for finding in diagnose(folder) if finding.status == "fail"]
    assert failed.name == "patron.yaml"
    assert "columns.unit_price" in failed.detail
    assert "answer the questions at the top" in failed.detail


def test_formats_of_times_are_recognized_as_in_a_run(tmp_path):
    days = [LINES[0] | {"at": f"{day}/03/2024"} for day in (5, 13, 25)]
    found = sample_findings(write_project(tmp_path / "told", settings(), {"lines.csv": days}))
    assert found["lines: order_lines"].status == "pass"
    both = [LINES[0] | {"at": f"0{day}/03/2024"} for day in (5, 6, 7)]
    failed = [
        f for f in diagnose(write_project(tmp_path / "both", settings(), {"lines.csv": both})) if f.status == "fail"
    ]
    assert [finding.name for finding in failed] == ["mapping on a sample"]


def test_values_inside_of_documents_are_tried_too(tmp_path):
    shop = settings(files="orders.jsonl")
    columns = {"order_id": "id", "ordered_at": "at", "customer_id": "who.id", "unit_price": "items.price"}
    shop["sources"]["lines"]["entities"]["order_lines"] = {"explode": "items", "columns": columns}
    text = '{"id": 1, "at": "2024-03-01", "who": {"id": 7}, "items": [{"price": "5.00"}, {"price": "free"}]}'
    found = sample_findings(write_project(tmp_path, shop, {"orders.jsonl": text}))
    assert found["lines: order_lines"].status == "warn"
    assert found["lines: order_lines"].detail == "unit_price: 1 of 2 values are not amounts"
