"""Tables out of compiled SQL: in order, in full or incrementally, and the errors of those that cannot be built."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, get_ident
from types import SimpleNamespace

import pytest

from patron.engines.duckdb import DuckDBWarehouse
from patron.errors import CheckFailedError, EngineError, OutOfMemoryError
from patron.transform.materialize import Materializer
from patron.transform.node import Node
from patron.transform.plan import Plan

FULL = Plan(["nothing was built yet"], None)


def model(name: str, code: str, *parents: str, **more: object) -> Node:
    return Node(name, "model", f"models/{name}", schema="s", code=code, parents=parents, **more)


LINES = model(
    "lines",
    "select unnest([1, 2, 3]) as n, unnest(['ann', 'ann', 'bob']) as who, 1 as _batch_id",
    refreshed_by=("_batch_id",),
)
SUMS = model(
    "sums",
    "select who, sum(n) as total from s.lines group by who",
    "lines",
    refreshed_by=("who",),
    follows="lines",
    keeps_removed=True,
    incremental="select lines.who, sum(n) as total from s.lines as lines join affected_sums using (who) group by lines.who",
)
BEST = model("best", "select max(total) as best from s.sums", "sums", materialized="view")
TEST = Node("positive", "test", "tests/s.sums", code="select * from s.sums where total <= 0", parents=("sums",))


@pytest.fixture
def warehouse(tmp_path) -> DuckDBWarehouse:
    settings = SimpleNamespace(warehouse=SimpleNamespace(memory_limit=None, threads=None))
    found = DuckDBWarehouse(SimpleNamespace(warehouse=tmp_path / "warehouse.duckdb", settings=settings))
    with found._connect("schemas") as connection:
        connection.execute("create schema s; create schema changes")
    return found


def build(warehouse: DuckDBWarehouse, *nodes: Node, plan: Plan = FULL) -> list[str]:
    done: list[str] = []
    known = {node.name: node for node in (LINES, SUMS, BEST, *nodes)}
    materializer = Materializer(warehouse, list(known.values()), plan, Path("compiled"))
    materializer.build(nodes, lambda name, *_: done.append(name))
    return done


def rows(warehouse: DuckDBWarehouse, table: str) -> list[tuple]:
    return [tuple(row.values()) for row in warehouse.query(f"select * from {table} order by all").to_pylist()]


def test_each_model_is_built_after_what_it_reads_and_data_tests_run_last(warehouse):
    assert build(warehouse, TEST, BEST, SUMS, LINES) == ["lines", "sums", "best", "positive"]
    assert rows(warehouse, "s.best") == [(3,)]
    assert rows(warehouse, "changes.removed_sums") == []


def test_only_the_groups_of_new_rows_are_rebuilt_and_the_old_ones_kept(warehouse):
    build(warehouse, LINES, SUMS)
    with warehouse._connect("new rows") as connection:
        connection.execute("insert into s.lines values (10, 'bob', 2); update s.sums set total = 99 where who = 'ann'")
    incremental = Plan([], frozenset(), since_batch=1)
    build(warehouse, SUMS, plan=incremental)
    assert rows(warehouse, "s.sums") == [("ann", 99), ("bob", 13)]  # ann is not affected
    assert rows(warehouse, "changes.removed_sums") == [("bob", 3)]
    build(warehouse, SUMS, plan=Plan([], frozenset(), since_batch=1, is_complete=False))  # as after a run that died
    assert rows(warehouse, "s.sums") == [("ann", 99), ("bob", 13)]
    assert rows(warehouse, "changes.removed_sums") == [("bob", 3), ("bob", 13)]
    build(warehouse, SUMS, plan=Plan([], frozenset(["sums"]), since_batch=1))
    assert rows(warehouse, "s.sums") == [("ann", 3), ("bob", 13)]


def test_a_step_that_fails_leaves_the_table_as_it_was(warehouse):
    build(warehouse, LINES, SUMS)
    wrong = model(
        "sums", "", "lines", refreshed_by=("who",), follows="lines", incremental="select 'x' as who, 1/'a' as total"
    )
    with pytest.raises(EngineError):
        build(warehouse, wrong, plan=Plan([], frozenset(), since_batch=0))
    assert rows(warehouse, "s.sums") == [("ann", 3), ("bob", 3)]


def test_a_table_becomes_a_view_and_a_table_again(warehouse):
    build(warehouse, LINES, SUMS, BEST)
    build(warehouse, model("best", "select 7 as best"))
    assert rows(warehouse, "s.best") == [(7,)]
    build(warehouse, BEST)
    assert rows(warehouse, "s.best") == [(3,)]


def test_a_seed_is_typed_and_its_blanks_are_null(warehouse):
    types = {"segment": "text", "segment_order": "bigint"}
    text = 'segment,segment_order\n"Can\'t lose, ever",1\n,\n'
    build(warehouse, Node("segments", "seed", "seeds/segments", schema="s", code=text, column_types=types))
    assert rows(warehouse, "s.segments") == [("Can't lose, ever", 1), (None, None)]


def test_an_error_names_the_model_and_its_sql(warehouse):
    with pytest.raises(EngineError, match=r"The model lines could not be built: .*nonsense") as caught:
        build(warehouse, model("lines", "select nonsense"))
    assert caught.value.where == str(Path("compiled") / "models" / "lines.sql")


def test_failed_data_tests_are_named(warehouse):
    broken = Node("all_big", "test", "tests/s.sums", code="select * from s.sums where total < 100", parents=("sums",))
    with pytest.raises(CheckFailedError, match="1 data tests do not hold: all_big"):
        build(warehouse, LINES, SUMS, TEST, broken)


BROKEN = Node("broken", "test", "tests/s.none", code="select 1 as broken_rule", parents=("none",), rules_of="none")


def test_rules_of_rows_are_not_asked_of_a_model_without_rows(warehouse):
    assert build(warehouse, model("none", "select 1 as n where false"), BROKEN) == ["none", "broken"]


def test_rules_of_rows_are_asked_of_one_row_and_of_a_model_that_was_not_made_now(warehouse):
    for nodes in ([model("none", "select 1 as n"), BROKEN], [BROKEN]):
        with pytest.raises(CheckFailedError, match="broken"):
            build(warehouse, *nodes)


def test_rules_that_compare_tables_are_asked_of_empty_ones_too(warehouse):
    across = Node("agree", "test", "tests/agree", code="select 1 as broken_rule", parents=("none",))
    with pytest.raises(CheckFailedError, match="agree"):
        build(warehouse, model("none", "select 1 as n where false"), across)


class Beside:
    """Two models that are built at the same time wait for each other here."""

    def __init__(self) -> None:
        self.both = Barrier(2, timeout=20)
        self.threads: dict[str, int] = {}
        self.requested: list[str] = []

    def of(self, warehouse: DuckDBWarehouse, meet: Collection[str]) -> DuckDBWarehouse:
        make_table = warehouse.make_table

        def make_and_wait(schema: str, table: str, sql: str, **how: bool) -> None:
            self.threads[table] = get_ident()
            self.requested.append(table)
            if table in meet and self.requested.count(table) == 1:
                self.both.wait()
            make_table(schema, table, sql, **how)

        warehouse.make_table = make_and_wait
        return warehouse


def test_independent_models_are_built_side_by_side(warehouse):
    beside = Beside()
    first, second = (model(name, f"select {n} as n, 'x' as who") for n, name in enumerate(("first", "second")))
    both = model("both", "select * from s.first union all select * from s.second", "first", "second")
    assert build(beside.of(warehouse, ("first", "second")), both, second, first)[-1] == "both"
    assert beside.threads["first"] != beside.threads["second"]
    assert rows(warehouse, "s.both") == [(0, "x"), (1, "x")]


def test_groups_are_rebuilt_side_by_side(warehouse):
    """Each thread has temporary tables of its own."""
    lines = model("lines", "select unnest(range(50000)) as n, 'c' || n % 1000 as who, 1 as _batch_id")
    sums = [
        replace(SUMS, name=name, place=name, incremental=SUMS.incremental.replace("affected_sums", f"affected_{name}"))
        for name in ("sums", "other_sums", "third_sums")
    ]
    build(warehouse, lines, *sums)
    full = rows(warehouse, "s.sums")
    with warehouse._connect("damage") as connection:
        for one in sums:
            connection.execute(f"update s.{one.name} set total = 0")
    build(warehouse, *sums, plan=Plan([], frozenset(), since_batch=0))
    for one in sums:
        assert rows(warehouse, f"s.{one.name}") == full


def test_the_first_error_stops_what_runs_beside_it(warehouse):
    """Else a run of hours would end hours after its error."""
    beside = Beside()
    endless = "select count(*) as n from range(10000000) a, range(10000000) b where a.range + b.range = 1"
    never = model("never", endless)
    wrong, after = model("wrong", "select nonsense"), model("after", "select 1 as n", "never")
    with pytest.raises(EngineError, match="The model wrong could not be built"):
        build(beside.of(warehouse, ("never", "wrong")), never, wrong, after)
    assert beside.requested.count("after") == 0
    assert warehouse.query("select 1 as n").num_rows == 1  # and the file is let go


def test_a_model_that_runs_out_of_memory_beside_another_is_built_again_alone(warehouse):
    """As one of two large models does under a memory limit."""
    beside = Beside()
    beside.of(warehouse, ("large", "larger"))
    make_table, busy, refused = warehouse.make_table, [], []

    def fail_once(schema: str, table: str, sql: str, **how: bool) -> None:
        busy.append(table)
        try:
            make_table(schema, table, sql, **how)
            if table == "large" and (len(busy) > 1 or not refused):
                refused.append(table)
                raise OutOfMemoryError("Out of memory: a large one", do="raise warehouse.memory_limit")
        finally:
            busy.remove(table)

    warehouse.make_table = fail_once
    large, larger, small = (model(name, "select 7 as n") for name in ("large", "larger", "small"))
    assert sorted(build(warehouse, large, larger, small)) == ["large", "larger", "small"]
    assert (refused, beside.requested.count("large")) == (["large"], 2)
    assert rows(warehouse, "s.large") == [(7,)]


def test_a_model_that_runs_out_of_memory_alone_is_an_error(warehouse, monkeypatch):
    def fail(*_, **__):
        raise OutOfMemoryError("Out of memory: a large one", do="raise warehouse.memory_limit in patron.yaml")

    monkeypatch.setattr(warehouse, "make_table", fail)
    with pytest.raises(EngineError, match="The model large could not be built: Out of memory") as caught:
        build(warehouse, model("large", "select 7 as n"))
    assert caught.value.do.startswith("raise warehouse.memory_limit in patron.yaml and run again")


def test_one_thread_may_stop_another(warehouse):
    endless = "select count(*) as n from range(10000000) a, range(10000000) b where a.range + b.range = 1"
    never = model("never", endless)
    materializer = Materializer(warehouse, [never], FULL, Path("compiled"))
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(materializer.build, [never], lambda *_: None)
        while not warehouse._thread_connections:
            time.sleep(0.01)
        while not future.done():
            materializer.stop()
            time.sleep(0.05)
    with pytest.raises(EngineError):
        future.result()


def test_a_view_whose_rules_follow_from_those_of_others_is_tested_where_its_definition_is_new(warehouse):
    build(warehouse, LINES, SUMS)
    view = model("big", "select * from s.sums", "sums", materialized="view", is_tested_once=True)
    broken = Node("all_big", "test", "tests/s.big", code="select * from s.sums", parents=("big",), rules_of="big")
    build(warehouse, view, broken, plan=Plan([], frozenset(), since_batch=1))
    with pytest.raises(CheckFailedError, match="all_big"):
        build(warehouse, view, broken, plan=Plan([], frozenset(["big"]), since_batch=1))
    with pytest.raises(CheckFailedError, match="all_big"):
        build(warehouse, LINES, SUMS, view, broken)
