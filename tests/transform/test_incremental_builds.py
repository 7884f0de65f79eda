"""What a build does again, and why: told by new rows, by changed definitions, and by what an unfinished build touched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from faults.projects import GOOD, HEADER, copy_of_built, gold, patron, problems, row, settings, write
from patron.transform.node import Node
from patron.transform.plan import part_plan, why_everything, with_descendants
from patron.transform.state import BuildRecord, Built

BUILT = Built("w1", 3, "f", 7, "2024-03-06", {"till": "t1"}, {})


def node(name: str, *reads: str, code: str = "") -> Node:
    """reads: models, and sources as bronze.till."""
    sources = tuple(read for read in reads if "." in read)
    parents = tuple(read for read in reads if "." not in read)
    return Node(name, "model", f"models/{name}", code=code, parents=parents, sources=sources)


def built_of(record: BuildRecord, nodes: Iterable[Node]) -> None:
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
        assert (again.complete, again.begun, again.begun_whole) == (BUILT, ["a", "b"], False)
        assert not again.is_complete
        again.begin(None)
        assert BuildRecord(record.path).begun_whole
        again.end(BUILT)
        assert BuildRecord(record.path).is_complete

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"complete": {"warehouse_id": 1}}', '{"complete": null}'])
    def test_a_spoiled_record_is_none(self, record, text):
        record.path.write_text(text)
        assert BuildRecord(record.path).complete is None


class TestEverything:
    def why(self, record, lake=None, highest=7, warehouse=("w1", 3)):
        return why_everything(record, lake or {"till": "t1"}, highest, warehouse)

    def test_a_whole_warehouse_is_kept(self, record):
        assert self.why(record) == ""
        assert self.why(record, lake={"till": "t1", "new": "t9"}, highest=9) == ""

    def test_reasons(self, record, tmp_path):
        assert self.why(BuildRecord(tmp_path / "none.json")) == "nothing was built yet"
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


class TestParts:
    NODES = (node("a"), node("as_of", "a"), node("b", "a"), node("c", "b", "as_of"), node("d", "as_of"))

    def test_descendants_but_not_past_what_moves(self):
        assert with_descendants(self.NODES, {"a"}) == {"a", "b", "c"}

    def test_an_unchanged_project_rebuilds_nothing(self, record):
        built_of(record, self.NODES)
        plan = part_plan(record, self.NODES)
        assert (plan.whole, plan.reasons, plan.since_batch, plan.is_complete) == (frozenset(), [], 7, True)

    def test_what_an_unfinished_build_touched_is_built_again(self, record):
        built_of(record, self.NODES)
        record.begin(["b"])
        plan = part_plan(record, self.NODES)
        assert (plan.whole, plan.reasons, plan.is_complete) == ({"b"}, ["the last build did not end"], False)

    def test_a_changed_definition_takes_along_what_is_made_of_it(self, record):
        built_of(record, self.NODES)
        changed = [node("b", "a", code="x") if n.name == "b" else n for n in self.NODES]
        plan = part_plan(record, changed)
        assert (plan.whole, plan.reasons) == ({"b", "c"}, ["what b says changed"])

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
        built_of(record, nodes)
        assert part_plan(record, nodes, arrived=["till"]).untouched == {"seed", "words", "words_by_day"}
        assert part_plan(record, nodes, arrived=["reviews"]).untouched == {"seed", "bills"}
        assert part_plan(record, nodes).untouched == {n.name for n in nodes} - {"value", "report"}
        record.begin([])
        assert part_plan(record, nodes, arrived=["till"]).untouched == frozenset()

    def test_a_changed_day_of_measurement_touches_what_reads_it(self, record):
        built_of(record, self.NODES)
        moved = [node("as_of", "a", code="x") if n.name == "as_of" else n for n in self.NODES]
        assert part_plan(record, moved).untouched == {"a", "b"}


def change(folder: Path, **changes: object) -> None:
    path = folder / "patron.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def ran(folder: Path) -> dict:
    outcome = patron("run", "--json", folder=folder)
    assert outcome.code == 0, outcome.err
    return outcome.json


def test_only_what_depends_on_a_change_is_built_whole_and_the_run_says_why(tmp_path):
    folder = copy_of_built(tmp_path)
    change(folder, clv={"gross_margin": 0.9})
    report = ran(folder)
    assert report["built_whole"] is False
    assert {"customer_measures", "customer_clv"} <= set(report["models_rebuilt"])
    assert not {"order_lines", "customer_days", "customer_totals", "day_lines"} & set(report["models_rebuilt"])
    change(folder, clv={"gross_margin": 0.9}, rules={"line_kinds": "online_retail"})
    report = ran(folder)
    assert "the rules of line kinds changed" in report["reason"]
    assert {"order_lines", "customer_days", "product_prices", "batch_ledger"} <= set(report["models_rebuilt"])
    assert not {"quarantined_rows", "newest_customers", "filtered_rows"} & set(report["models_rebuilt"])
    text = json.loads((folder / "patron.yaml").read_text())
    lines = text["sources"]["receipts"]["entities"]["order_lines"]
    lines["columns"]["customer_id"] = "upper(customer_id)"
    change(folder, sources=text["sources"])
    report = ran(folder)
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
    assert ran(folder)["built_whole"] is False
    after = gold(folder)
    shutil.copy(tmp_path / "old.duckdb", state / "warehouse.duckdb")
    (folder / "data" / "again.csv").write_text(GOOD.splitlines()[0] + "\n" + row(customer_id="c8"))
    report = ran(folder)
    assert (report["built_whole"], report["reason"].split("; ")[1]) == (
        True,
        "the warehouse is not the one that was built last",
    )
    assert {who[0] for who in gold(folder)["customer_360"]} == {who[0] for who in after["customer_360"]} | {"c8"}


def test_rows_of_the_future_count_once_as_of_reaches_them(tmp_path):
    folder = write(tmp_path, yaml=settings(as_of="2024-02-15"))
    ran(folder)
    early = gold(folder)
    change(folder, as_of="2024-03-04")
    report = ran(folder)
    assert (report["built_whole"], report["models_rebuilt"], report["rows_landed"]) == (False, [], 0)
    assert problems(folder) == []
    change(folder, as_of="2024-02-15")
    ran(folder)
    assert gold(folder) == early
    change(folder, as_of="2020-01-01")
    ran(folder)
    assert gold(folder)["customer_rfm"] == []
