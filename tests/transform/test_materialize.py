"""Tables out of compiled SQL: in order, whole or in part, and what is said where one cannot be made."""

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

WHOLE = Plan(["nothing was built yet"], None)


def model(name: str, code: str, *parents: str, **more: object) -> Node:
    return Node(name, "model", f"models/{name}", schema="s", code=code, parents=parents, **more)


LINES = model("lines", "select unnest([1, 2, 3]) as n, unnest(['ann', 'ann', 'bob']) as who, 1 as _batch_id")
SUMS = model(
    "sums",
    "select who, sum(n) as total from s.lines group by who",
    "lines",
    refreshed_by=("who",),
    follows="lines",
    keeps_removed=True,
    incremental="select lines.who, sum(n) as total from s.lines as lines join touched_sums using (who) group by lines.who",
)
BEST = model("best", "select max(total) as best from s.sums", "sums", materialized="view")
RULE = Node("positive", "test", "tests/s.sums", code="select * from s.sums where total <= 0", parents=("sums",))


@pytest.fixture
def warehouse(tmp_path) -> DuckDBWarehouse:
    settings = SimpleNamespace(warehouse=SimpleNamespace(memory_limit=None, threads=None))
    found = DuckDBWarehouse(SimpleNamespace(warehouse=tmp_path / "warehouse.duckdb", settings=settings))
    with found._connected("schemas") as connection:
        connection.execute("create schema s; create schema changes")
    return found


def make(warehouse: DuckDBWarehouse, *nodes: Node, plan: Plan = WHOLE) -> list[str]:
    done: list[str] = []
    known = {node.name: node for node in (LINES, SUMS, BEST, *nodes)}
    maker = Materializer(warehouse, list(known.values()), plan, Path("compiled"))
    maker.make(nodes, lambda name, *_: done.append(name))
    return done


def rows(warehouse: DuckDBWarehouse, table: str) -> list[tuple]:
    return [tuple(row.values()) for row in warehouse.query(f"select * from {table} order by all").to_pylist()]


def test_each_after_what_it_reads_and_the_rules_last(warehouse):
    assert make(warehouse, RULE, BEST, SUMS, LINES) == ["lines", "sums", "best", "positive"]
    assert rows(warehouse, "s.best") == [(3,)]
    assert rows(warehouse, "changes.removed_sums") == []


def test_only_the_groups_of_new_rows_are_redone_and_the_old_ones_remembered(warehouse):
    make(warehouse, LINES, SUMS)
    with warehouse._connected("later") as connection:
        connection.execute("insert into s.lines values (10, 'bob', 2); update s.sums set total = 99 where who = 'ann'")
    part = Plan([], frozenset(), since_batch=1)
    make(warehouse, SUMS, plan=part)
    assert rows(warehouse, "s.sums") == [("ann", 99), ("bob", 13)]  # nobody looked at ann
    assert rows(warehouse, "changes.removed_sums") == [("bob", 3)]
    make(warehouse, SUMS, plan=Plan([], frozenset(), since_batch=1, is_complete=False))  # as after a run that died
    assert rows(warehouse, "s.sums") == [("ann", 99), ("bob", 13)]
    assert rows(warehouse, "changes.removed_sums") == [("bob", 3), ("bob", 13)]
    make(warehouse, SUMS, plan=Plan([], frozenset(["sums"]), since_batch=1))
    assert rows(warehouse, "s.sums") == [("ann", 3), ("bob", 13)]


def test_a_step_that_fails_leaves_the_table_as_it_was(warehouse):
    make(warehouse, LINES, SUMS)
    wrong = model(
        "sums", "", "lines", refreshed_by=("who",), follows="lines", incremental="select 'x' as who, 1/'a' as total"
    )
    with pytest.raises(EngineError):
        make(warehouse, wrong, plan=Plan([], frozenset(), since_batch=0))
    assert rows(warehouse, "s.sums") == [("ann", 3), ("bob", 3)]


def test_a_table_becomes_a_view_and_a_table_again(warehouse):
    make(warehouse, LINES, SUMS, BEST)
    make(warehouse, model("best", "select 7 as best"))
    assert rows(warehouse, "s.best") == [(7,)]
    make(warehouse, BEST)
    assert rows(warehouse, "s.best") == [(3,)]


def test_a_seed_is_typed_and_its_blanks_are_null(warehouse):
    types = {"segment": "text", "segment_order": "bigint"}
    text = 'segment,segment_order\n"Can\'t lose, ever",1\n,\n'
    make(warehouse, Node("segments", "seed", "seeds/segments", schema="s", code=text, column_types=types))
    assert rows(warehouse, "s.segments") == [("Can't lose, ever", 1), (None, None)]


def test_what_cannot_be_made_is_named_with_its_sql(warehouse):
    with pytest.raises(EngineError, match=r"The model lines could not be built: .*nonsense") as caught:
        make(warehouse, model("lines", "select nonsense"))
    assert caught.value.where == str(Path("compiled") / "models" / "lines.sql")


def test_rules_that_do_not_hold_are_named(warehouse):
    broken = Node("all_big", "test", "tests/s.sums", code="select * from s.sums where total < 100", parents=("sums",))
    with pytest.raises(CheckFailedError, match="1 data tests do not hold: all_big"):
        make(warehouse, LINES, SUMS, RULE, broken)


class Beside:
    """Two models that are made at the same time wait for each other here."""

    def __init__(self) -> None:
        self.both = Barrier(2, timeout=20)
        self.threads: dict[str, int] = {}
        self.asked: list[str] = []

    def of(self, warehouse: DuckDBWarehouse, meet: Collection[str]) -> DuckDBWarehouse:
        make_table = warehouse.make_table

        def made(schema: str, table: str, sql: str) -> None:
            self.threads[table] = get_ident()
            self.asked.append(table)
            if table in meet and self.asked.count(table) == 1:
                self.both.wait()
            make_table(schema, table, sql)

        warehouse.make_table = made
        return warehouse


def test_models_that_read_nothing_of_each_other_are_made_side_by_side(warehouse):
    beside = Beside()
    first, second = (model(name, f"select {n} as n, 'x' as who") for n, name in enumerate(("first", "second")))
    both = model("both", "select * from s.first union all select * from s.second", "first", "second")
    assert make(beside.of(warehouse, ("first", "second")), both, second, first)[-1] == "both"
    assert beside.threads["first"] != beside.threads["second"]
    assert rows(warehouse, "s.both") == [(0, "x"), (1, "x")]


def test_groups_are_redone_side_by_side(warehouse):
    """Each thread has temporary tables of its own."""
    lines = model("lines", "select unnest(range(50000)) as n, 'c' || n % 1000 as who, 1 as _batch_id")
    sums = [
        replace(SUMS, name=name, place=name, incremental=SUMS.incremental.replace("touched_sums", f"touched_{name}"))
        for name in ("sums", "other_sums", "third_sums")
    ]
    make(warehouse, lines, *sums)
    whole = rows(warehouse, "s.sums")
    with warehouse._connected("spoilt") as connection:
        for one in sums:
            connection.execute(f"update s.{one.name} set total = 0")
    make(warehouse, *sums, plan=Plan([], frozenset(), since_batch=0))
    for one in sums:
        assert rows(warehouse, f"s.{one.name}") == whole


def test_the_first_error_ends_what_is_made_beside_it(warehouse):
    """Else a run of hours would end hours after its error."""
    beside = Beside()
    endless = "select count(*) as n from range(10000000) a, range(10000000) b where a.range + b.range = 1"
    never = model("never", endless)
    wrong, after = model("wrong", "select nonsense"), model("after", "select 1 as n", "never")
    with pytest.raises(EngineError, match="The model wrong could not be built"):
        make(beside.of(warehouse, ("never", "wrong")), never, wrong, after)
    assert beside.asked.count("after") == 0
    assert warehouse.query("select 1 as n").num_rows == 1  # and the file is let go


def test_what_finds_no_room_beside_another_is_made_again_alone(warehouse):
    """As one of two large models does under a memory limit."""
    beside = Beside()
    beside.of(warehouse, ("large", "larger"))
    make_table, busy, refused = warehouse.make_table, [], []

    def made(schema: str, table: str, sql: str) -> None:
        busy.append(table)
        try:
            make_table(schema, table, sql)
            if table == "large" and (len(busy) > 1 or not refused):
                refused.append(table)
                raise OutOfMemoryError("Out of memory: a large one", do="raise warehouse.memory_limit")
        finally:
            busy.remove(table)

    warehouse.make_table = made
    large, larger, small = (model(name, "select 7 as n") for name in ("large", "larger", "small"))
    assert sorted(make(warehouse, large, larger, small)) == ["large", "larger", "small"]
    assert (refused, beside.asked.count("large")) == (["large"], 2)
    assert rows(warehouse, "s.large") == [(7,)]


def test_what_finds_no_room_alone_either_is_told(warehouse, monkeypatch):
    def made(*_):
        raise OutOfMemoryError("Out of memory: a large one", do="raise warehouse.memory_limit in patron.yaml")

    monkeypatch.setattr(warehouse, "make_table", made)
    with pytest.raises(EngineError, match="The model large could not be built: Out of memory") as caught:
        make(warehouse, model("large", "select 7 as n"))
    assert caught.value.do.startswith("raise warehouse.memory_limit in patron.yaml and run again")


def test_one_thread_may_stop_what_another_makes(warehouse):
    endless = "select count(*) as n from range(10000000) a, range(10000000) b where a.range + b.range = 1"
    never = model("never", endless)
    maker = Materializer(warehouse, [never], WHOLE, Path("compiled"))
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(maker.make, [never], lambda *_: None)
        while not warehouse._of_threads:
            time.sleep(0.01)
        while not made.done():
            maker.stop()
            time.sleep(0.05)
    with pytest.raises(EngineError):
        made.result()
