"""Readers of a PostgreSQL schema while it is published: the old tables or the new, whole, whatever happens to the publish."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from faults.projects import forked, patron
from patron.project.project import Project
from patron.publish.postgres import export, transaction
from patron.publish.postgres.export import export_to_postgres
from publish.postgres.postgres_reader import Reader, reader_of
from publish.small_gold import SMALL, keep_only, republish

_STOPPED = """
import os
from patron.publish.postgres.transaction import Writer
insert = Writer.insert
def stopped(self, *words):
    insert(self, *words)
    os.kill(os.getpid(), {signal})
Writer.insert = stopped
"""


@pytest.fixture
def reader(postgres) -> Reader:
    postgres.run(f"grant create on database {postgres.name} to owner")
    return reader_of(postgres)


@pytest.fixture
def shop(contacts_shop, tmp_path):
    return keep_only(contacts_shop.folder, tmp_path / "shop", SMALL)


def all_to(folder, amount: int, *, column: str = "") -> None:
    """Every customer has this net_amount, and every order this order_amount."""
    more = f", {amount} as {column}" if column else ""
    republish(
        folder,
        customer_360=f"select * replace ({amount}::decimal(18, 4) as net_amount){more} from {{rows}}",
        fct_orders=f"select * replace ({amount}::decimal(18, 4) as order_amount){more} from {{rows}}",
    )


WHAT_THEY_SEE = """
select min(amount)::int, max(amount)::int, count(*) from (
    select net_amount as amount from gold.customer_360 where segment is not null
    union all select order_amount from gold.fct_orders
    union all select order_amount from gold.v_orders
    union all select net_amount from gold.v_customers where segment is not null
) as everything;
"""


class Loop:
    """A reader that asks again and again, until it is told to stop."""

    def __init__(self, reader: Reader, sql: str) -> None:
        self.seen: list[list[str]] = []
        self.errors: list[str] = []
        self._reader, self._sql, self._stop = reader, sql * 10, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            done = self._reader.run(self._sql)
            self.errors += [done.stderr] if done.returncode else []
            self.seen += [line.split("|") for line in done.stdout.splitlines()]

    def __enter__(self) -> Loop:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_reader_never_meets_a_mixture_or_an_error(shop, tmp_path, postgres, reader):
    """Two shops take turns, one of them with a column more, so that tables are also made anew under the reader."""
    all_to(shop, 1)
    export_to_postgres(Project.load(shop), postgres.url)
    other = shutil.copytree(shop, tmp_path / "other")
    all_to(other, 2, column="another")
    with Loop(reader, WHAT_THEY_SEE) as loop:
        for folder in (other, shop, other, shop):
            assert export_to_postgres(Project.load(folder), postgres.url).is_new
    assert loop.errors == []
    assert {seen[0] for seen in loop.seen} == {"1", "2"}
    assert all(least == most for least, most, _ in loop.seen)
    assert len({count for _, _, count in loop.seen}) == 1


def test_a_reader_in_one_long_transaction_sees_what_it_saw(shop, postgres, reader):
    """Even a snapshot of rows that is older than the publish finds its rows, and not an empty table."""
    all_to(shop, 1)
    export_to_postgres(Project.load(shop), postgres.url)
    all_to(shop, 2)
    sql = f"begin isolation level repeatable read;{WHAT_THEY_SEE} select pg_advisory_lock(7);{WHAT_THEY_SEE} commit;"
    seen: list[list[str]] = []
    thread = threading.Thread(target=lambda: seen.extend(reader.rows(sql)))
    with held_lock(postgres):
        thread.start()
        _until(
            lambda: "pg_advisory_lock" in postgres.run("select query from pg_stat_activity where usename = 'analyst'")
        )
        export_to_postgres(Project.load(shop), postgres.url)
    thread.join()
    before, after = (row for row in seen if len(row) == 3)
    assert before == after
    assert before[0] == "1"
    assert reader.rows(WHAT_THEY_SEE)[0][0] == "2"


@contextlib.contextmanager
def held_lock(postgres) -> Iterator[None]:
    """A lock of the server's that the reader waits for: it looks again when the publish is over, however long it took."""
    command = [str(postgres.server.binaries / "psql"), "-X", "-At", postgres.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        holder.stdin.write("select pg_advisory_lock(7), 'held';\n")
        holder.stdin.flush()
        assert "held" in holder.stdout.readline()
        yield
        holder.stdin.close()


def _until(is_so, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_export_leaves_the_old_tables_unchanged(shop, postgres, reader, what):
    all_to(shop, 1)
    export_to_postgres(Project.load(shop), postgres.url)
    before = reader.rows(WHAT_THEY_SEE), relations(postgres)
    all_to(shop, 2, column="another")
    stopped = forked("export", "--to", postgres.url, folder=shop, first=_STOPPED.format(signal=int(what)))
    assert stopped.code == (130 if what == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in stopped.err
    assert (reader.rows(WHAT_THEY_SEE), relations(postgres)) == before
    assert patron("export", "--to", "PATRON_POSTGRES", folder=shop).code == 0
    assert reader.rows(WHAT_THEY_SEE)[0][:2] == ["2", "2"]


def relations(postgres) -> str:
    return postgres.run("select relnamespace::regnamespace, relname, relkind from pg_class order by 1, 2")


def test_a_connection_that_is_cut_leaves_the_old_tables(shop, postgres, reader, monkeypatch):
    all_to(shop, 1)
    export_to_postgres(Project.load(shop), postgres.url)
    all_to(shop, 2)
    insert = transaction.Writer.insert

    def cut(self, *words: object) -> None:
        insert(self, *words)
        postgres.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'owner'")

    with monkeypatch.context() as patched:
        patched.setattr(transaction.Writer, "insert", cut)
        refused = patron("export", "--to", "PATRON_POSTGRES", folder=shop)
    assert refused.code == 3
    assert "readers still see what was there" in refused.err
    assert reader.rows(WHAT_THEY_SEE)[0][:2] == ["1", "1"]
    export_to_postgres(Project.load(shop), postgres.url)
    assert reader.rows(WHAT_THEY_SEE)[0][:2] == ["2", "2"]


def test_a_snapshot_that_runs_take_away_meanwhile_is_given_up_for_the_newest(shop, postgres, reader, monkeypatch):
    all_to(shop, 1)
    taken = export._export

    def late(project, snapshot, *more):
        monkeypatch.setattr(export, "_export", taken)
        all_to(shop, 2)
        shutil.rmtree(project.published / snapshot.name)
        return taken(project, snapshot, *more)

    monkeypatch.setattr(export, "_export", late)
    export_to_postgres(Project.load(shop), postgres.url)
    assert reader.rows(WHAT_THEY_SEE)[0][:2] == ["2", "2"]
