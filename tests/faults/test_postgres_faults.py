"""What goes wrong with a PostgreSQL source: each time one clear error, no secret in it, and nothing half landed."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from faults.projects import Outcome, patron, problems, write
from patron.errors import SettingsError, SourceError
from patron.ingest.postgres import land as database
from patron.ingest.postgres.land import land_table
from patron.ingest.postgres.server import find_extension
from patron.ingest.source import TableSource
from patron.lake import Lake
from postgres_server import PASSWORD, PASSWORD_IN_URL

PEOPLE = """
    create table people (id int primary key, name text, city text, changed timestamptz);
    insert into people select i, 'P' || i, 'Cork', timestamptz '2024-01-01' + i * interval '1 minute'
    from generate_series(1, 5) as i;
    grant select on people to owner;
"""
COLUMNS = {"customer_id": "id", "customer_name": "name", "city": "city", "updated_at": "changed"}


def settings(columns: dict[str, Any] | None = None, **postgres: Any) -> dict[str, Any]:
    entities = {"customers": {"columns": COLUMNS | (columns or {})}}
    return {
        "shop": {"name": "Test shop"},
        "sources": {"people": {"postgres": {"table": "public.people", **postgres}, "entities": entities}},
    }


@pytest.fixture
def shop(postgres, tmp_path) -> Path:
    """A project whose customers are a table."""
    postgres.run(PEOPLE)
    return write(tmp_path / "shop", {}, settings())


def stopped(outcome: Outcome, code: int) -> str:
    """What a run said that stopped: in three lines, without a secret."""
    output = outcome.out + outcome.err
    assert outcome.code == code, output
    assert "Traceback" not in output
    for secret in (PASSWORD, PASSWORD_IN_URL, "s3kret", "postgresql://owner:", "hunter2"):
        assert secret not in output
    assert "next:" in outcome.err
    return outcome.err


def test_the_server_is_down(shop, postgres, monkeypatch):
    monkeypatch.setenv("PATRON_POSTGRES", postgres.url.replace(str(postgres.server.port), "1"))
    output = stopped(patron("run", folder=shop), 3)
    assert 'the PostgreSQL server does not answer: connection to server at "127.0.0.1", port 1 failed' in output
    assert "postgres:public.people, by the connection in PATRON_POSTGRES" in output


def test_the_host_does_not_exist(shop, postgres, monkeypatch):
    monkeypatch.setenv("PATRON_POSTGRES", postgres.url.replace("127.0.0.1", "nowhere.invalid"))
    assert "does not answer" in stopped(patron("run", folder=shop), 3)


@pytest.mark.parametrize("user", [("owner", "hunter2"), ("nobody", PASSWORD_IN_URL), ("owner", "")])
def test_a_wrong_user_or_password(shop, postgres, monkeypatch, user):
    monkeypatch.setenv("PATRON_POSTGRES", postgres.url_of(*user))
    output = stopped(patron("run", folder=shop), 3)
    assert "does not let the user in" in output
    assert "fix the user or the password in PATRON_POSTGRES" in output


def test_an_unknown_database(shop, postgres, monkeypatch):
    monkeypatch.setenv("PATRON_POSTGRES", postgres.url.replace(postgres.name, "nope"))
    assert "the PostgreSQL server has no database 'nope'" in stopped(patron("run", folder=shop), 3)


@pytest.mark.parametrize(
    "written",
    [
        "hunter2",
        "host=127.0.0.1 password='hunter2",
        "postgresql://owner:hunter2 s3kret@127.0.0.1/x",
        "postgresql://owner:hunter2@127.0.0.1/x?passwrd=s3kret",
        "postgresql://owner:hunter2@[::1/x",
    ],
)
def test_a_connection_string_that_is_none_is_not_repeated(shop, monkeypatch, written):
    monkeypatch.setenv("PATRON_POSTGRES", written)
    assert "the connection string in PATRON_POSTGRES cannot be parsed" in stopped(patron("run", folder=shop), 3)


def test_the_variable_is_not_set_and_nothing_else_lands_before_it_is_reported(shop, monkeypatch):
    monkeypatch.delenv("PATRON_POSTGRES")
    yaml = settings()
    yaml["sources"] = {
        "before": {"files": "*.csv", "entities": {"customers": {"columns": {"customer_id": "id"}}}},
        **yaml["sources"],
    }
    write(shop, {"a.csv": "id\n1\n"}, yaml)
    output = stopped(patron("run", folder=shop), 2)
    assert "The environment variable PATRON_POSTGRES is not set" in output
    assert "export PATRON_POSTGRES=" in output
    assert "sources.people.postgres" in output
    assert not (shop / ".patron" / "lake" / "before").exists()


def test_the_extra_is_not_installed(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb_extension_postgres_scanner", None)
    output = stopped(patron("run", folder=shop), 2)
    assert "The extra postgres is not installed." in output
    assert "pip install 'patron[postgres]'" in output


def test_the_extra_is_for_another_duckdb(monkeypatch):
    monkeypatch.setattr("patron.ingest.postgres.server.duckdb.__version__", "1.5.99")
    with pytest.raises(SettingsError, match=r"is for DuckDB 1\.5\.\d+, and this is DuckDB 1\.5\.99") as error:
        find_extension("sources.people.postgres")
    assert error.value.do == "pip install duckdb-extension-postgres-scanner==1.5.99"


def test_a_table_that_is_not_there(shop, postgres):
    write(shop, {}, settings(table="peple"))
    output = stopped(patron("run", folder=shop), 3)
    assert "has no table 'public.peple'" in output
    assert "did you mean 'public.people'?" in output


def test_no_permission(shop, postgres):
    postgres.run("revoke select on people from owner")
    output = stopped(patron("run", folder=shop), 3)
    assert "permission denied for table people" in output
    assert "grant select on public.people" in output


@pytest.mark.parametrize(("setting", "word"), [({"key": ["idd"]}, "key"), ({"cursor": "idd"}, "cursor")])
def test_a_key_or_cursor_that_is_not_there(shop, setting, word):
    write(shop, {}, settings(**setting))
    output = stopped(patron("run", folder=shop), 3)
    assert f"the table has no column 'idd', which is its {word}" in output
    assert "did you mean 'id'?" in output


def test_a_cursor_of_text(shop):
    write(shop, {}, settings(cursor="name"))
    assert "the cursor 'name' is text, which does not increase" in stopped(patron("run", folder=shop), 3)


def test_a_key_that_does_not_tell_rows_apart(shop):
    write(shop, {}, settings(key="city"))
    assert "the key (city) does not identify a row" in stopped(patron("run", folder=shop), 3)


# Columns that change, against a project that has run


@pytest.fixture
def ran(shop) -> Path:
    assert patron("run", "--quiet", folder=shop).code == 0
    assert problems(shop) == []
    return shop


def test_a_column_that_vanished(ran, postgres):
    before = Lake(ran / ".patron" / "lake").table("people").version()
    postgres.run("alter table people drop city; update people set name = 'other'")
    output = stopped(patron("run", folder=ran), 3)
    assert "the table has no column 'city', which the mapping reads; it has id, name, changed" in output
    assert "optional: true" in output
    assert Lake(ran / ".patron" / "lake").table("people").version() == before
    write(ran, {}, settings({"city": {"expression": "city", "optional": True}}))
    assert patron("run", folder=ran).code == 0
    out = patron("query", "select distinct customer_name, city from customer_360", "--csv", folder=ran).out
    assert out.split() == ["customer_name,city", "other,"]


def test_a_type_that_changed(ran, postgres):
    before = Lake(ran / ".patron" / "lake").table("people").version()
    postgres.run("alter table people alter id type text")
    output = stopped(patron("run", folder=ran), 3)
    assert "column 'id' is string here and int64 in earlier rows" in output
    assert "give the column the type back that it had" in output
    assert Lake(ran / ".patron" / "lake").table("people").version() == before


def test_doctor_asks_the_server(shop, postgres, monkeypatch):
    good = patron("doctor", "--json", folder=shop)
    assert "postgres:public.people: 5 rows, 4 columns, key id; read in full, every run" in good.out
    monkeypatch.setenv("PATRON_POSTGRES", postgres.url_of("owner", "hunter2"))
    bad = patron("doctor", "--json", folder=shop)
    assert "does not let the user in" in bad.out
    assert "hunter2" not in bad.out
    monkeypatch.delenv("PATRON_POSTGRES")
    assert "PATRON_POSTGRES is not set" in patron("doctor", "--json", folder=shop).out


def test_no_secret_is_written_anywhere(ran):
    for path in ran.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"s3kret" not in content, path
            assert b"postgresql://" not in content, path


# The connection cut in the middle


MANY = """
    create table people (id int primary key, name text, city text, changed timestamptz);
    insert into people select i, md5(i::text), md5((-i)::text), timestamptz '2024-01-01' + i * interval '1 minute'
    from generate_series(1, 400000) as i;
    grant select on people to owner;
"""
SOURCE = TableSource("people", "public", "people", "PATRON_POSTGRES", cursor=None)


def rows_in(lake: Lake) -> int:
    table = lake.table("people")
    return table.row_count() if table.exists else 0


def backend(postgres) -> int:
    """The process of the server that patron's connection has."""
    found = postgres.run(
        f"select pid from pg_stat_activity where application_name = 'patron' and datname = '{postgres.name}'"
    )
    return int(found.split()[0])


def cut(postgres, how: str) -> None:
    pid = backend(postgres)
    if how == "terminate":
        postgres.run(f"select pg_terminate_backend({pid})")
    else:
        postgres.run("checkpoint")  # the server recovers from here, not from the first of the tests' databases
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def cut_after(monkeypatch, postgres):
    """Cuts the connection once so many batches of rows have come; gives what to do afterwards."""

    def arm(how: str, batches: int) -> None:
        seen = [0]
        stamped = database.Stamp.stamp

        def cutting(self, batch, display_name, first_key=None):
            seen[0] += 1
            if seen[0] == batches:
                cut(postgres, how)
            return stamped(self, batch, display_name, first_key)

        monkeypatch.setattr(database.Stamp, "stamp", cutting)

    yield arm
    monkeypatch.undo()


@pytest.mark.parametrize("how", ["terminate", "kill -9"])
def test_a_first_read_that_is_cut_lands_nothing_and_the_next_is_complete(
    postgres, tmp_path, cut_after, how, monkeypatch
):
    url = postgres.url
    postgres.run(MANY)
    lake = Lake(tmp_path)
    cut_after(how, 1)
    with pytest.raises(SourceError, match="lost during the read") as error:
        land_table(lake, SOURCE)
    assert "s3kret" not in str(error.value)
    assert error.value.__cause__ is None
    assert not lake.table("people").exists
    assert not list(tmp_path.rglob("*.parquet"))
    postgres.run("select 1")  # waits until the server has recovered
    monkeypatch.undo()
    monkeypatch.setenv("PATRON_POSTGRES", url)
    assert land_table(lake, SOURCE).rows == rows_in(lake) == 400_000


@pytest.mark.parametrize("cursor", [None, "changed"])
def test_a_later_read_that_is_cut_lands_nothing_and_deletes_nothing(postgres, tmp_path, monkeypatch, cursor):
    """What did not come because of the cut must not be taken for deleted."""
    postgres.run(MANY)
    source = TableSource("people", "public", "people", "PATRON_POSTGRES", cursor=cursor)
    lake = Lake(tmp_path)
    land_table(lake, source)
    before = lake.table("people").version()
    postgres.run("update people set name = 'x', changed = changed + interval '10 years'")
    # The server is slow from the middle of the table on, so that the cut falls into the read.
    postgres.run("""
        create function slowly(i int) returns text language plpgsql volatile as
            'begin if i = 200000 then perform pg_sleep(30); end if; return ''x''; end';
        alter table people rename to all_people;
        create view people as select id, slowly(id) as name, city, changed from all_people;
        grant select on people to owner;
    """)
    source = TableSource("people", "public", "people", "PATRON_POSTGRES", cursor=cursor, key=("id",))
    monkeypatch.setattr("patron.ingest.postgres.table._check_unique", lambda *_: None)
    import threading

    def cut_when_asleep() -> None:
        asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'patron'"
        while postgres.run(asleep).strip() == "0":
            time.sleep(0.05)
        cut(postgres, "terminate")

    cutter = threading.Thread(target=cut_when_asleep)
    cutter.start()
    with pytest.raises(SourceError, match="lost during the read"):
        land_table(lake, source)
    cutter.join()
    assert lake.table("people").version() == before
    assert rows_in(lake) == 400_000
    postgres.run("drop view people; alter table all_people rename to people")
    assert land_table(lake, TableSource("people", "public", "people", "PATRON_POSTGRES", cursor=cursor)).rows == 800_000


def test_the_server_goes_away_and_comes_back(postgres, tmp_path):
    postgres.run(PEOPLE)
    lake = Lake(tmp_path)
    land_table(lake, SOURCE)
    postgres.server.stop()
    try:
        with pytest.raises(SourceError, match="does not answer"):
            land_table(lake, SOURCE)
    finally:
        postgres.server.start()
    assert land_table(lake, SOURCE).rows == 0


def test_a_crash_between_staging_and_commit_adds_nothing(postgres, tmp_path, monkeypatch):
    postgres.run(PEOPLE)
    lake = Lake(tmp_path)

    def dies(*_args, **_more):
        raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr("patron.lake.bronze_table.BronzeTable.commit", dies)
        with pytest.raises(SystemExit):
            land_table(lake, SOURCE)
    assert rows_in(lake) == 0
    assert land_table(lake, SOURCE).rows == rows_in(lake) == 5
    assert land_table(lake, SOURCE).rows == 0
