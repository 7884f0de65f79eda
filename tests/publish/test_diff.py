"""`patron diff`: rows added, removed and changed between two snapshots, by the key of each table's grain."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from patron.errors import NothingBuiltError, SettingsError
from patron.publish.diff import Build, TableDiff, compare_builds, find_build


def build(folder: Path, name: str, **tables: str) -> Build:
    """A snapshot's folder with a file for each table, of one select."""
    (folder / name).mkdir(parents=True)
    for table, sql in tables.items():
        duckdb.sql(f"copy ({sql}) to '{folder / name / table}.parquet' (format parquet)")
    return Build(folder, name, None)


def compare(tmp_path: Path, table: str, before: str, after: str) -> TableDiff | None:
    found = compare_builds(build(tmp_path, "1", **{table: before}), build(tmp_path, "2", **{table: after}))
    return found.tables[0] if found.tables else None


DAYS = "select * from (values (date '2024-01-01', 10.00, 2), ('2024-01-02', 5.00, 1), ('2024-01-03', null, null)) as t"
COLUMNS = "(activity_date, net_amount, order_count)"


def test_rows_are_matched_by_the_key_of_their_grain(tmp_path):
    after = DAYS.replace("5.00, 1", "6.00, 1").replace("null, null", "0.00, 0").replace("2024-01-01", "2023-12-31")
    found = compare(tmp_path, "daily_metrics", DAYS + COLUMNS, after + COLUMNS)
    assert found == TableDiff(
        *("daily_metrics", "changed", ("activity_date",), 3, 3),
        added=1,
        removed=1,
        changed=2,
        columns={"net_amount": 2, "order_count": 1},
    )


def test_rows_that_came_are_added_and_rows_that_went_are_removed(tmp_path):
    fewer = f"select * from ({DAYS}{COLUMNS}) where activity_date = '2024-01-01'"
    found = compare(tmp_path, "daily_metrics", fewer, DAYS + COLUMNS)
    assert found is not None
    assert (found.added, found.removed, found.rows_before, found.rows_after) == (2, 0, 1, 3)


def test_null_equals_null_and_the_order_of_rows_does_not_matter(tmp_path):
    assert compare(tmp_path, "daily_metrics", DAYS + COLUMNS, f"{DAYS}{COLUMNS} order by 1 desc") is None


def test_a_key_may_hold_null(tmp_path):
    rows = "select * from (values (null, 10.00), (date '2024-01-02', {amount})) as t(activity_date, net_amount)"
    found = compare(tmp_path, "daily_metrics", rows.format(amount="5.00"), rows.format(amount="6.00"))
    assert found is not None
    assert (found.key, found.added, found.removed, found.changed) == (("activity_date",), 0, 0, 1)


def test_a_table_without_a_key_is_compared_by_whole_rows(tmp_path):
    found = compare(tmp_path, "of_their_own", "select unnest([1, 1, 2]) as n", "select unnest([1, 2, 3, 3]) as n")
    assert found is not None
    assert (found.key, found.added, found.removed, found.changed) == ((), 2, 1, 0)


def test_a_key_that_is_not_unique_is_not_trusted(tmp_path):
    twice = f"{DAYS}{COLUMNS} union all {DAYS}{COLUMNS}"
    found = compare(tmp_path, "daily_metrics", DAYS + COLUMNS, twice)
    assert found is not None
    assert (found.key, found.added, found.removed) == ((), 3, 0)


def test_columns_that_came_went_or_changed_their_type_are_told(tmp_path):
    after = f"select activity_date, order_count::varchar as order_count, 1 as extra from ({DAYS}{COLUMNS})"
    found = compare(tmp_path, "daily_metrics", DAYS + COLUMNS, after)
    assert found is not None
    assert (found.new_columns, found.gone_columns, found.retyped_columns) == (
        ("extra",),
        ("net_amount",),
        ("order_count",),
    )
    assert found.changed == 0


def test_new_and_gone_tables_are_told_with_their_rows(tmp_path):
    before = build(tmp_path, "1", old="select 1 as n", same="select 1 as n")
    after = build(tmp_path, "2", new="select unnest([1, 2]) as n", same="select 1 as n")
    found = compare_builds(before, after)
    assert [(one.table, one.state, one.added, one.removed) for one in found.tables] == [
        ("new", "new", 2, 0),
        ("old", "gone", 0, 1),
    ]
    assert found.same == 1


def test_there_is_something_to_compare_or_a_reason_why_not(tmp_path):
    with pytest.raises(NothingBuiltError):
        find_build(tmp_path)
    build(tmp_path, "20240101T000000000000Z", n="select 1 as n")
    pointer = '{"name": "20240101T000000000000Z", "fingerprint": "f", "published_at": "", "as_of": "", "tables": {}}'
    (tmp_path / "current.json").write_text(pointer)
    with pytest.raises(NothingBuiltError, match="one snapshot"):
        find_build(tmp_path)
    with pytest.raises(SettingsError, match="no snapshot"):
        find_build(tmp_path, "20230101T000000000000Z")
