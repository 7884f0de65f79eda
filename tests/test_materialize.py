"""Tables out of compiled SQL: in order, whole or in part, and what is said where one cannot be made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from patron import compiled
from patron.compiled import Node, is_compiled, kept, with_ancestors
from patron.errors import CheckFailedError, EngineError
from patron.materialize import Materializer
from patron.refresh import Plan
from patron.warehouse.duckdb import DuckDBWarehouse

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
    in_part="select lines.who, sum(n) as total from s.lines as lines join touched_sums using (who) group by lines.who",
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
        "sums", "", "lines", refreshed_by=("who",), follows="lines", in_part="select 'x' as who, 1/'a' as total"
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


class Compiler:
    """Counts how often it is asked."""

    asked = 0

    def compiled(self) -> list[Node]:
        self.asked += 1
        return [LINES, SUMS, BEST, RULE]


class TestKept:
    @pytest.fixture(autouse=True)
    def no_memory(self, monkeypatch):
        monkeypatch.setattr(compiled, "_in_process", type(compiled._in_process)())

    def test_an_unchanged_project_is_not_compiled_again(self, tmp_path):
        dbt = Compiler()
        nodes = compiled.compiled(dbt, tmp_path, "f1")
        compiled._in_process.clear()  # another process
        assert compiled.compiled(dbt, tmp_path, "f1") == nodes == kept(tmp_path)
        assert dbt.asked == 1
        compiled.compiled(dbt, tmp_path, "f2")
        assert dbt.asked == 2

    def test_the_same_project_elsewhere_is_not_either(self, tmp_path):
        dbt = Compiler()
        compiled.compiled(dbt, tmp_path / "one", "f1")
        compiled.compiled(dbt, tmp_path / "other", "f1")
        assert dbt.asked == 1
        assert kept(tmp_path / "one") == kept(tmp_path / "other")

    @pytest.mark.parametrize("spoiled", ["nodes.json", "models/lines.sql"])
    def test_what_is_spoiled_is_compiled_again(self, tmp_path, spoiled):
        dbt = Compiler()
        compiled.compiled(dbt, tmp_path, "f1")
        compiled._in_process.clear()
        (tmp_path / spoiled).unlink()
        assert is_compiled(tmp_path) is (spoiled != "nodes.json")
        compiled.compiled(dbt, tmp_path, "f1")
        assert dbt.asked == 2
        assert (tmp_path / spoiled).exists()

    @pytest.mark.parametrize("place", ["models/lines.sql", "in_part/models/sums.sql", "tests/s.sums.sql"])
    def test_sql_that_was_changed_by_hand_is_compiled_again(self, tmp_path, place):
        dbt = Compiler()
        nodes = compiled.compiled(dbt, tmp_path, "f1")
        compiled._in_process.clear()
        (tmp_path / place).write_text("select 1000000 as net_amount")
        assert compiled.compiled(dbt, tmp_path, "f1") == nodes
        assert dbt.asked == 2
        assert kept(tmp_path) == nodes

    def test_ancestors(self):
        assert with_ancestors([LINES, SUMS, BEST, RULE], ["best", "unknown"]) == {"best", "sums", "lines"}
