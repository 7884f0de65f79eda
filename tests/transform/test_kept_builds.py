"""What a build keeps of the one before, where that was killed, landed more, or looks up other values; nothing is built."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from patron.pipeline.build import Builder
from patron.transform.node import Node
from patron.transform.plan import plan_incremental
from patron.transform.state import BuildRecord, Built

BUILT = Built("w1", 3, "f", 7, "2024-03-06", {"till": "t1"}, {})


@pytest.fixture
def record(tmp_path) -> BuildRecord:
    found = BuildRecord(tmp_path / "built.json")
    found.end(BUILT)
    return found


def test_a_killed_build_of_everything_stays_one_until_a_build_ends(record):
    record.begin(None)
    record.begin(["orders"])
    assert BuildRecord(record.path).begun_full
    record.end(BUILT)
    assert not BuildRecord(record.path).begun_full


def node(name: str, *parents: str) -> Node:
    return Node(name, "model", f"models/{name}", parents=parents)


def test_rows_that_look_up_other_values_are_built_again_with_what_is_made_of_them(record):
    nodes = [node("rows_till"), node("stg_order_lines", "rows_till"), node("stores")]
    record.end(Built(**{**vars(BUILT), "definitions": {one.name: one.definition for one in nodes}}))
    plan = plan_incremental(record, nodes, stale=["till"])
    assert plan.full == {"rows_till", "stg_order_lines"}
    assert plan.reasons == ["rows of till that had landed before are replaced or look up other values now"]
    assert plan_incremental(record, nodes).full == frozenset()


def builder_of(record: BuildRecord, **batches: int) -> Builder:
    """A builder of a shop whose sources have landed up to these batches, with a warehouse that is as it was left."""
    tables = {
        name: SimpleNamespace(batch_ids=lambda last=last: {1, last}, id=lambda name=name: f"{name[0]}1")
        for name, last in batches.items()
    }
    lake = SimpleNamespace(table=tables.__getitem__, next_batch_id=lambda: max(batches.values()) + 1)
    sources = {name: SimpleNamespace(lookups={}, rebuilt_times=None, full_extract=None) for name in batches}
    project = SimpleNamespace(settings=SimpleNamespace(sources=sources, model_dump_json=lambda **_: "{}"))
    rows = {"select id, number from meta.built": [{"id": "w1", "number": 3}]}
    warehouse = SimpleNamespace(
        exists=lambda *_: True,
        query=lambda sql: SimpleNamespace(to_pylist=lambda: rows.get(sql, [{"as_of_date": "2024-03-09"}])),
        write=lambda *_: None,
        find_damaged_tables=list,
    )
    return Builder(project, lake, warehouse, record)


def test_a_complete_build_records_the_last_landing_that_is_in_it(record):
    builder = builder_of(record, till=9, stores=4)
    builder._make_plan()
    assert builder.finish("new") == "2024-03-09"
    kept = BuildRecord(record.path).complete
    assert (kept.since_batch, kept.number, kept.fingerprint, kept.lake) == (9, 4, "new", {"till": "t1", "stores": "s1"})


def test_only_sources_that_landed_after_the_last_complete_build_have_arrived(record, monkeypatch):
    given: list[Any] = []
    monkeypatch.setattr("patron.transform.plan.plan_incremental", lambda *args: given.append(args[2:]))
    builder_of(record, till=9, stores=7)._make_plan()
    assert given == [([], ["till"])]


def test_a_warehouse_that_is_not_the_one_on_record_is_built_anew(record):
    builder = builder_of(record, till=9)
    builder.warehouse.exists = lambda *_: False
    assert builder._make_plan().reasons == ["the warehouse was gone"]
    assert builder._warehouse_id != "w1"
