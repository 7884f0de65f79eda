"""What a build does again, and why: because of new rows, changed definitions, or a build that did not end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from faults.projects import GOOD, HEADER, copy_of_built, gold, patron, problems, row, settings, write
from patron.transform.node import Node
from patron.transform.plan import explain_full_build, plan_incremental, with_dependents
from patron.transform.state import BuildRecord, Built

BUILT = Built("w1", 3, "f", 7, "2024-03-06", {"till": "t1"}, {})


def node(name: str, *reads: str, code: str = "") -> Node:
    """reads: models, and sources as bronze.till."""
    sources = tuple(read for read in reads if "." in read)
    parents = tuple(read for read in reads if "." not in read)
    return Node(name, "model", f"models/{name}", code=code, parents=parents, sources=sources)


def complete_build(record: BuildRecord, nodes: Iterable[Node]) -> None:
    """The last complete build was of these."""
    record.end(replace(BUILT, definitions={n.name: n.definition for n in nodes}))


@pytest.fixture
def record(tmp_path) -> BuildRecord:
    found = BuildRecord(tmp_path / "built.json")
    found.end(BUILT)
    return found


class TestRecord:
    def test_a_build_that_began_and_did_not_end(self, record):
        record.begin(["a"])
        record.begin(["b"])
        again = BuildRecord(record.path)
        assert (again.complete, again.begun, again.begun_full) == (BUILT, ["a", "b"], False)
        assert not again.is_complete
        again.begin(None)
        assert BuildRecord(record.path).begun_full
        again.end(BUILT)
        assert BuildRecord(record.path).is_complete

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"complete": {"warehouse_id": 1}}', '{"complete": null}'])
    def test_a_damaged_record_is_none(self, record, text):
        record.path.write_text(text)
        assert BuildRecord(record.path).complete is None


class TestFullBuild:
    def why(self, record, lake=None, highest=7, warehouse=("w1", 3)):
        return explain_full_build(record, lake or {"till": "t1"}, highest, warehouse)

    def test_an_intact_warehouse_is_kept(self, record):
        assert self.why(record) == ""
        assert self.why(record, lake={"till": "t1", "new": "t9"}, highest=9) == ""

    def test_reasons(self, record, tmp_path):
        none = BuildRecord(tmp_path / "none.json")
        assert self.why(none, warehouse=None) == "nothing was built yet"
        assert self.why(none) == "the last build was recorded by another version"
        assert self.why(record, warehouse=None) == "the warehouse was gone"
        for other in (("w2", 3), ("w1", 2), ("w1", 4)):
            assert self.why(record, warehouse=other) == "the warehouse is not the one that was built last"
        for lake, highest in (({"till": "t2"}, 7), ({"till": "t1"}, 6)):
            assert "the lake is not the one" in self.why(record, lake, highest)

    def test_a_build_that_died_between_its_last_two_steps_is_kept(self, record):
        record.begin([])
        assert self.why(record, warehouse=("w1", 4)) == ""
        record.begin(None)
        assert self.why(record) == "the last build of everything did not end"


class TestIncrementalPlan:
    NODES = (node("a"), node("as_of", "a"), node("b", "a"), node("c", "b", "as_of"), node("d", "as_of"))

    def test_dependents_but_not_through_moving_models(self):
        assert with_dependents(self.NODES, {"a"}) == {"a", "b", "c"}

    def test_an_unchanged_project_rebuilds_nothing(self, record):
        complete_build(record, self.NODES)
        plan = plan_incremental(record, self.NODES)
        assert (plan.full, plan.reasons, plan.since_batch, plan.is_complete) == (frozenset(), [], 7, True)

    def test_what_an_unfinished_build_may_have_changed_is_built_again(self, record):
        complete_build(record, self.NODES)
        record.begin(["b"])
        plan = plan_incremental(record, self.NODES)
        assert (plan.full, plan.reasons, plan.is_complete) == ({"b"}, ["the last build did not end"], False)

    def test_a_changed_definition_takes_along_what_is_made_of_it(self, record):
        complete_build(record, self.NODES)
        changed = [node("b", "a", code="x") if n.name == "b" else n for n in self.NODES]
        plan = plan_incremental(record, changed)
        assert (plan.full, plan.reasons) == ({"b", "c"}, ["the definition of b changed"])

    def test_what_is_made_of_nothing_new_is_left_as_it_is(self, record):
        nodes = [
            node("seed"),
            node("bills", "bronze.till", "seed"),
            node("words", "bronze.reviews"),
            node("as_of", "bills", "words"),
            node("words_by_day", "words"),
            node("value", "bills", "predictions.scores"),
            node("report", "value", "words_by_day"),
        ]
        complete_build(record, nodes)
        assert plan_incremental(record, nodes, arrived=["till"]).unchanged == {"seed", "words", "words_by_day"}
        assert plan_incremental(record, nodes, arrived=["reviews"]).unchanged == {"seed", "bills"}
        assert plan_incremental(record, nodes).unchanged == {n.name for n in nodes} - {"value", "report"}
        record.begin([])
        assert plan_incremental(record, nodes, arrived=["till"]).unchanged == frozenset()

    def test_a_changed_day_of_measurement_affects_what_reads_it(self, record):
        complete_build(record, self.NODES)
        moved = [node("as_of", "a", code="x") if n.name == "as_of" else n for n in self.NODES]
        assert plan_incremental(record, moved).unchanged == {"a", "b"}


def change(folder: Path, **changes: object) -> None:
    path = folder / "patron.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def run(folder: Path) -> dict:
    outcome = patron("run", "--json", folder=folder)
    assert outcome.code == 0, outcome.err
    return outcome.json


def test_only_what_depends_on_a_change_is_built_in_full_and_the_run_says_why(tmp_path):
    folder = copy_of_built(tmp_path)
    change(folder, clv={"gross_margin": 0.9})
    report = run(folder)
    assert report["is_full_build"] is False
    assert {"customer_measures", "customer_clv"} <= set(report["models_rebuilt"])
    assert not {"order_lines", "customer_days", "customer_totals", "day_lines"} & set(report["models_rebuilt"])
    change(folder, clv={"gross_margin": 0.9}, rules={"line_kinds": "online_retail"})
    report = run(folder)
    assert "the rules of line kinds changed" in report["reason"]
    assert {"order_lines", "customer_days", "product_prices", "batch_ledger"} <= set(report["models_rebuilt"])
    assert not {"quarantined_rows", "latest_customers", "filtered_rows"} & set(report["models_rebuilt"])
    text = json.loads((folder / "patron.yaml").read_text())
    lines = text["sources"]["receipts"]["entities"]["order_lines"]
    lines["columns"]["customer_id"] = "upper(customer_id)"
    change(folder, sources=text["sources"])
    report = run(folder)
    assert "the mapping of order_lines changed" in report["reason"]
    assert {who[0] for who in gold(folder)["customer_360"]} == {"C1", "C2"}
    assert problems(folder) == []


def test_a_mapping_that_changes_back_after_a_build_that_died(tmp_path):
    folder = copy_of_built(tmp_path)
    before = gold(folder)
    text = (folder / "patron.yaml").read_text()
    change(folder, rules={"line_kinds": "no/such.csv"})
    assert patron("run", "--quiet", folder=folder).code == 2
    change(folder, rules={"line_kinds": "online_retail"})
    spoiled = settings()
    spoiled["sources"]["receipts"]["entities"]["order_lines"]["columns"]["unit_price"] = "'many'"
    (folder / "patron.yaml").write_text(
        json.dumps(spoiled | {"quarantine": {"stop_above_rate": 0, "at_least_rows": 1}})
    )
    assert patron("run", "--quiet", folder=folder).code == 5  # everything is bad; the tables are of that mapping now
    (folder / "patron.yaml").write_text(text)
    assert patron("run", "--quiet", folder=folder).code == 0
    assert gold(folder) == before
    assert problems(folder) == []


def test_a_copy_of_an_older_warehouse_is_noticed(tmp_path):
    folder = copy_of_built(tmp_path)
    state = folder / ".patron"
    shutil.copy(state / "warehouse.duckdb", tmp_path / "old.duckdb")
    (folder / "data" / "more.csv").write_text(HEADER + row(customer_id="c7"))
    assert run(folder)["is_full_build"] is False
    after = gold(folder)
    shutil.copy(tmp_path / "old.duckdb", state / "warehouse.duckdb")
    (folder / "data" / "again.csv").write_text(GOOD.splitlines()[0] + "\n" + row(customer_id="c8"))
    report = run(folder)
    assert (report["is_full_build"], report["reason"].split("; ")[1]) == (
        True,
        "the warehouse is not the one that was built last",
    )
    assert {who[0] for who in gold(folder)["customer_360"]} == {who[0] for who in after["customer_360"]} | {"c8"}


def test_rows_of_the_future_count_once_as_of_reaches_them(tmp_path):
    folder = write(tmp_path, yaml=settings(as_of="2024-02-15"))
    run(folder)
    early = gold(folder)
    change(folder, as_of="2024-03-04")
    report = run(folder)
    assert (report["is_full_build"], report["models_rebuilt"], report["rows_landed"]) == (False, [], 0)
    assert problems(folder) == []
    change(folder, as_of="2024-02-15")
    run(folder)
    assert gold(folder) == early
    change(folder, as_of="2020-01-01")
    run(folder)
    assert gold(folder)["customer_rfm"] == []


def test_a_project_of_a_version_with_other_internal_names_is_rebuilt_in_full(tmp_path):
    """Version 0.1 called the staged rows newest_..., the requested day meta.asked, and a full build whole."""
    folder = copy_of_built(tmp_path)
    before, state = gold(folder), folder / ".patron"
    with duckdb.connect(str(state / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create table meta.asked as from meta.requested_as_of; drop table meta.requested_as_of")
    record = json.loads((state / "built.json").read_text())
    record["begun_whole"] = record.pop("begun_full")
    (state / "built.json").write_text(json.dumps(record))
    assert problems(folder) == []
    with duckdb.connect(str(state / "warehouse.duckdb")) as warehouse:
        for (name,) in warehouse.execute(
            "from duckdb_tables() select table_name where schema_name = 'staging'"
        ).fetchall():
            warehouse.execute(f"alter table staging.{name} rename to {name.replace('latest_', 'newest_')}")
    (folder / "data" / "more.csv").write_text(HEADER + row(customer_id="c7"))
    report = run(folder)
    assert (report["is_full_build"], report["rows_landed"]) == (True, 1)
    assert report["reason"].endswith("the last build was recorded by another version")
    assert {who[0] for who in gold(folder)["customer_360"]} == {who[0] for who in before["customer_360"]} | {"c7"}
    assert problems(folder) == []
    (folder / "data" / "again.csv").write_text(HEADER + row(customer_id="c8"))
    assert run(folder)["is_full_build"] is False
