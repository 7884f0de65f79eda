"""Random and mutated SQL against a published snapshot: it reads gold and nothing else, writes nothing, and ends."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from random import Random

import duckdb

from patron.errors import PatronError, SettingsError
from patron.publish.reader import open_published
from patron.publish.reading_statements import refuse_other_than_reading
from patron.publish.snapshot import load_current

_SECRET = "Q7SECRETQ7"
_LONGEST_SECONDS = 2
_GRAMMAR: dict[str, tuple[str, ...]] = {
    "statement": (
        *(
            "{query}",
            "{query}",
            "{query}",
            "{query}",
            "{query}; {query}",
            "explain {query}",
            "explain {options} {statement}",
        ),
        *(
            "describe {query}",
            "summarize {query}",
            "show {table}",
            "copy ({query}) to '{file}' {copy}",
            "copy {table} to '{file}'",
        ),
        *("create table x as {query}", "create or replace view {table} as {query}", "insert into {table} {query}"),
        *(
            "attach '{file}' as x",
            "export database '{folder}'",
            "import database '{folder}'",
            "set {setting}",
            "pragma {setting}",
        ),
        *(
            "delete from {table} where {condition}",
            "update {table} set customer_id = {value}",
            "install httpfs",
            "load '{file}'",
        ),
        *(
            "call {function}",
            "prepare p as {statement}",
            "execute p",
            "pivot {table} on customer_id using count(*)",
            "checkpoint",
        ),
        *(
            "begin",
            "vacuum {table}",
            "drop view {table}",
            "with x as ({query}) {query}",
            "with x as ({statement}) select * from x",
        ),
        *(
            "create macro m() as table {query}",
            "comment on table {table} is 'x'",
            "detach memory",
            "use memory",
            "/* {query} */",
        ),
    ),
    "options": ("analyze", "(analyze)", "(format json)", "/* x */ analyze", "-- x\nanalyze", "(analyze, format json)"),
    "copy": ("", "(format csv)", "(format parquet, use_tmp_file false)", "(overwrite_or_ignore true)"),
    "query": (
        *("select {value} from {from}", "select {value} from {from} where {condition}", "from {from}", "table {table}"),
        *(
            "select count(*) from {from} as a, {from} as b",
            "values ({value})",
            "select ({query})",
            "{query} union all {query}",
        ),
        *(
            "select * from {from} order by all limit 5",
            "with recursive r as (select 1 as n union all select n + 1 from r where n < {number}) select * from r",
        ),
        *("select * exclude (customer_id) from {from}", "select columns('.*') from {from}", "select {value}"),
    ),
    "from": (
        "{table}",
        "{table}",
        "gold.{table}",
        "({query})",
        "'{file}'",
        "{function}",
        "range({number})",
        "memory.gold.{table}",
    ),
    "table": (
        "customer_360",
        "customer_segments",
        "kpi_overall",
        "information_schema.tables",
        "duckdb_secrets()",
        "pg_catalog.pg_class",
    ),
    "function": (
        *(
            "read_text('{file}')",
            "read_csv('{file}')",
            "read_csv_auto(['{file}'])",
            "read_blob('{file}')",
            "read_json('{file}')",
        ),
        *(
            "read_parquet('{file}')",
            "parquet_scan('{file}')",
            "glob('{folder}/*')",
            "sniff_csv('{file}')",
            "query('{query}')",
        ),
        *(
            "query_table('{table}')",
            "pragma_database_size()",
            "duckdb_settings()",
            "enable_logging(storage_path='{folder}/log')",
        ),
        *(
            "duckdb_secrets()",
            "sqlite_scan('{file}', 'x')",
            "read_ndjson_objects('{file}')",
            "which_secret('{file}', 's3')",
        ),
        *(
            "json_execute_serialized_sql(json_serialize_sql('{query}'))",
            "generate_series(1, {number})",
            "unnest([1, 2])",
        ),
        *("pragma_storage_info('{table}')", "parquet_metadata('{file}')", "duckdb_temporary_files()", "checkpoint()"),
    ),
    "value": (
        *(
            "*",
            "customer_id",
            "1",
            "{number}",
            "'x'",
            "null",
            "getenv('HOME')",
            "current_setting('{name}')",
            "version()",
        ),
        *(
            "count(*)",
            "sum({number})",
            "list(customer_id)",
            "repeat('x', {number})",
            "[x for x in range(5)]",
            "random()",
        ),
        *(
            "getvariable('x')",
            "write_log('x')",
            "regexp_replace('a', '(a+)+$', 'b')",
            "nextval('s')",
            "1 / 0",
            "cast('x' as int)",
        ),
        *(
            "array_agg({value})",
            "printf('%s', {value})",
            "json_serialize_sql('{query}')",
            "txid_current()",
            "sleep_ms({number})",
        ),
    ),
    "condition": (
        "true",
        "1 = {number}",
        "customer_id like '%'",
        "exists ({query})",
        "customer_id in ({query})",
        "{value} is null",
    ),
    "number": ("1", "10", "-1", "1000000", "100000000000", "1e300", "0x10", "1_000"),
    "name": (
        "threads",
        "home_directory",
        "temp_directory",
        "secret_directory",
        "allowed_paths",
        "s3_secret_access_key",
    ),
    "setting": (
        "enable_external_access = true",
        "lock_configuration = false",
        "memory_limit = '1GB'",
        "allowed_paths = ['/']",
        "enable_profiling",
    ),
}


class Statements:
    """Makes and judges statements of one seed against the published snapshot of a project.

    outside: a folder with a file that no statement may read, and beside which none may write.
    """

    name = "statements"

    def __init__(self, seed: int, published: Path, outside: Path) -> None:
        self._seed, self._published, self._outside = seed, published, outside
        (outside / "secret.csv").write_text(f"a\n{_SECRET}\n", encoding="utf-8")
        self._before = self._look()

    def make(self, number: int) -> tuple[str, str]:
        """Make a statement, the same for the same seed and number, and say of what kind it is."""
        random = Random(f"{self._seed}:{number}")
        text = self._expand(random.choice(("statement", "query")), random, 0)
        return ("grammar", text) if random.random() < 0.5 else ("mutated", _mutate(text, random))

    def judge(self, number: int) -> tuple[str, str | None]:
        """Ask a statement as `patron query` does; return its kind, and what is wrong."""
        kind, sql = self.make(number)
        with open_published(self._published) as connection:
            try:
                refuse_other_than_reading(connection, sql)
            except SettingsError:
                return f"{kind}: refused", self._judge("")
            except PatronError as error:
                return f"{kind}: refused", f"refused as {type(error).__name__}: {error}"
            answer, is_done = _ask(connection, sql)
        return f"{kind}: {'answered' if is_done else 'stopped by DuckDB'}", self._judge(answer, sql)

    def _judge(self, answer: str, sql: str = "") -> str | None:
        if _SECRET in answer and _SECRET not in sql:
            return f"read a file outside: {sql}"
        after = self._look()
        return None if after == self._before else f"changed {set(after.items()) ^ set(self._before.items())}: {sql}"

    def _look(self) -> dict[str, str]:
        """Return the files outside and of the snapshot, each with what it holds."""
        current = load_current(self._published)
        folders = (self._outside, self._published / (current.name if current else ""))
        return {str(file): _describe(file) for folder in folders for file in sorted(folder.iterdir())}

    def _expand(self, symbol: str, random: Random, depth: int) -> str:
        """Write something of the grammar; deep inside only what holds nothing more."""
        rules = _GRAMMAR[symbol]
        flat = [rule for rule in rules if "{" not in rule]
        text = random.choice(flat if depth > 5 and flat else rules)
        for inner in (*_GRAMMAR, "file", "folder"):
            while f"{{{inner}}}" in text:
                text = text.replace(f"{{{inner}}}", self._fill(inner, random, depth), 1)
        return text

    def _fill(self, symbol: str, random: Random, depth: int) -> str:
        if symbol == "folder":
            return str(random.choice((self._outside, self._published)))
        if symbol == "file":
            snapshot = load_current(self._published)
            inside = (
                self._published
                / (snapshot.name if snapshot else "")
                / random.choice(("about.json", "customer_360.parquet"))
            )
            return str(
                random.choice((self._outside / "secret.csv", self._outside / "new.csv", inside, "/etc/hostname"))
            )
        return "select 1" if depth > 9 else self._expand(symbol, random, depth + 1)


def _describe(file: Path) -> str:
    status = file.stat()
    if file.suffix == ".parquet":
        return f"{status.st_size} {status.st_mtime_ns} {status.st_mode}"
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "folder"


def _ask(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, bool]:
    """Run a statement, interrupted after a while; return its first rows as text, and whether it ran."""
    timer = threading.Timer(_LONGEST_SECONDS, connection.interrupt)
    timer.start()
    try:
        return str(connection.execute(sql).fetchmany(1000)), True
    except (duckdb.Error, MemoryError, OverflowError) as error:
        return str(error).replace(sql, ""), False
    finally:
        timer.cancel()


def _mutate(sql: str, random: Random) -> str:
    """Change characters and words of a statement."""
    for _ in range(random.randint(1, 3)):
        at = random.randint(0, len(sql))
        way = random.randrange(6)
        if way == 0:
            sql = (
                sql[:at]
                + random.choice(
                    ("'", '"', ";", "--", "/*", "*/", "(", ")", "\0", "$$", "\\", "é", "\n", "{", "?", "$1", "::", "💎")
                )
                + sql[at:]
            )
        elif way == 1:
            sql = sql[:at] + sql[at + random.randint(1, 8) :]
        elif way == 2:
            words = sql.split(" ")
            sql = " ".join(random.sample(words, len(words)))
        elif way == 3:
            sql = sql.replace(" ", random.choice(("\n", "\t", "/**/", "  ", "\u00a0", "\r")))
        elif way == 4:
            sql = random.choice(
                (sql.upper(), sql.swapcase(), f"({sql})", f"{sql};", f"; {sql}", "(" * 60 + sql + ")" * 60)
            )
        else:
            sql = f"{sql} {random.choice(('union all', ';', 'except', ','))} {sql[at:]}"
    return sql
