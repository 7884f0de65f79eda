"""Gold is only read: statements are taken by what they are, and the connection can do nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from faults.projects import built, gold, patron
from patron.publish.reader import open_published
from patron.publish.snapshot import load_current

NOT_ONE_SELECT = [
    "insert into customer_360 select * from customer_360",
    "update customer_360 set net_amount = 0",
    "delete from customer_360",
    "truncate customer_360",
    "create table x as select 1",
    "create temp table x as select 1",
    "create macro f() as 1",
    "create secret (type s3)",
    "drop view customer_360",
    "alter view customer_360 rename to x",
    "copy customer_360 to '{out}'",
    "copy (select 1) to '{out}' (format parquet)",
    "export database '{out}'",
    "attach '{out}'",
    "attach ':memory:' as x",
    "detach memory",
    "use memory",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '1GB'",
    "set lock_configuration = false",
    "reset memory_limit",
    "set variable x = 1",
    "pragma enable_profiling",
    "begin",
    "checkpoint",
    "vacuum",
    "prepare p as select 1",
    "execute p",
    "call pragma_version()",
    "select 1; select 2",
    "select 1; drop view customer_360",
    "",
    ";",
    "-- nothing",
]


@pytest.mark.parametrize("sql", NOT_ONE_SELECT)
def test_only_one_select_is_taken(tmp_path, sql):
    out = tmp_path / "out"
    outcome = patron("query", sql.format(out=out), folder=built())
    assert outcome.code == 2
    assert "not one select" in outcome.err or "nothing" in sql
    assert not out.exists()


OTHER_FILES = [
    "select * from read_csv('{file}')",
    "select * from read_text('{file}')",
    "select * from read_blob('{file}')",
    "select * from '{file}'",
    "select * from read_parquet('{warehouse}')",
    "select * from glob('{folder}/*')",
    "select * from sniff_csv('{file}')",
    "select * from parquet_schema('{file}')",
    "select * from query('select * from read_text(''{file}'')')",
    "select (select content from read_text('{file}'))",
    "with x as (select * from read_text('{file}')) select * from x",
    "select * from duckdb_secrets()",
    "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "select * from parquet_metadata('{published}/customer_360.parquet')",
    "select * from read_text('{published}/about.json')",
    "select * from '{published}/about.json'",
    "summarize select * from read_csv('{file}')",
    "describe select * from read_csv('{file}')",
    "explain select * from read_csv('{file}')",
]

EXPLAINED = [
    "explain analyze copy (select 1 as forged) to '{published}/customer_360.parquet' (format parquet)",
    "explain analyze copy (select 1 as forged) to '{published}/customer_360.parquet' (format parquet, use_tmp_file false)",
    "EXPLAIN /* x */ ANALYZE copy (select 1) to '{published}/customer_360.parquet' (format csv, use_tmp_file false)",
    "explain (analyze, format json) copy (select 1) to '{published}/customer_360.parquet' (use_tmp_file false)",
    " -- x\nexplain\nanalyze copy (select 1) to '{folder}/out'",
    "explain copy (select 1) to '{folder}/out'",
    "explain analyze select 1",
    "explain (format json) select 1",
    "explain analyze delete from customer_360",
    "explain create table x as select 1",
    "explain insert into customer_360 select * from customer_360",
    "explain pivot customer_360 on customer_id using count(*)",
]

CHANGING_THE_CONNECTION = [
    "select * from enable_logging(storage='file', storage_path='{folder}/log')",
    "select * from Enable_Logging('QueryLog')",
    "select (select count(*) from truncate_duckdb_logs())",
    "with x as (from force_checkpoint()) select * from x",
    "select write_log('x')",
    "select getenv('HOME')",
    "select sleep_ms(1)",
]


@pytest.mark.parametrize("sql", EXPLAINED + CHANGING_THE_CONNECTION)
def test_nothing_that_runs_or_changes_something_passes_for_a_select(tmp_path, sql):
    before = contents_of(published_folder())
    outcome = patron("query", sql.format(folder=tmp_path, published=published_folder()), folder=built())
    assert outcome.code == 2
    assert "not one select" in outcome.err or "reads or changes more" in outcome.err
    assert (list(tmp_path.iterdir()), contents_of(published_folder())) == ([], before)


@pytest.mark.parametrize("sql", EXPLAINED + CHANGING_THE_CONNECTION + NOT_ONE_SELECT)
def test_an_audiences_select_is_held_to_the_same(tmp_path, sql):
    text = sql.format(folder=tmp_path, published=published_folder(), out=tmp_path / "out")
    outcome = patron("audience", "create", "x", "--sql", text, folder=built())
    assert (outcome.code, list(tmp_path.iterdir())) == (2, [])


def test_the_connection_itself_is_locked_down():
    with open_published(built() / ".patron" / "published") as connection:
        frame = pa.table({"n": [1]})  # noqa: F841
        for sql in (
            "select * from frame",
            "set enable_external_access = true",
            "set allowed_paths = ['/etc/hostname']",
            f"copy (select 1) to '{published_folder()}/new.parquet'",
            f"copy (select 1) to '{published_folder()}/customer_360.parquet'",
            f"attach '{published_folder()}/x.db'",
            "load httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


def test_published_files_are_read_only_and_the_owners_alone():
    assert {path.stat().st_mode & 0o777 for path in published_folder().iterdir()} == {0o400}


def published_folder() -> Path:
    folder = built() / ".patron" / "published"
    return folder / load_current(folder).name


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("sql", OTHER_FILES)
def test_no_other_file_is_read_or_written(tmp_path, sql):
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\nhidden,1\n")
    words = {
        "file": secret,
        "folder": tmp_path,
        "published": published_folder(),
        "warehouse": built() / ".patron" / "warehouse.duckdb",
    }
    outcome = patron("query", sql.format(**words), folder=built())
    assert outcome.code == 2
    assert "hidden" not in outcome.out + outcome.err
    assert {path.name for path in tmp_path.iterdir()} == {"secret.csv"}


READING = [
    "select 1",
    "from customer_360",
    "with a as (select 1 as x) select * from a",
    "values (1)",
    "table customer_360",
    "describe customer_360",
    "show tables",
    "summarize customer_360",
    "explain select 1",
    "select * from gold.customer_360",
    "select 1 -- and a remark",
    "/* first */ explain -- then\n select 'é'",
    "explain with a as (select 1) from a",
    "summarize select segment from customer_segments",
    "show all tables",
    "select list_transform([1], lambda x: x + 1) from range(3)",
    "select * from (pivot customer_segments on segment in ('Lost') using count(*))",
    "select 'explain analyze copy' as words",
]


@pytest.mark.parametrize("sql", READING)
def test_every_way_of_reading_is_taken(sql):
    assert patron("query", sql, folder=built()).code == 0


def test_asking_changes_nothing():
    before = gold(built())
    patron("query", "explain analyze delete from customer_360", folder=built())
    assert gold(built()) == before
