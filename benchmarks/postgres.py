"""Lands a PostgreSQL table of 5 million rows: how fast, with how much memory, and where the time goes.

python -m benchmarks.postgres [ROWS]: starts a server of its own, measures, writes benchmarks/results/postgres.json.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.page import machine, save

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

TABLE = """
create table customers (customer_id bigint primary key, name text, email text, city text, income numeric(12, 2),
    signed_up_at timestamp, updated_at timestamptz, is_member boolean);
insert into customers select i, md5(i::text), 'c' || i || '@example.com',
    (array['Leeds', 'Paris', 'Cork', 'Rome'])[1 + i % 4],
    (i % 100000) / 100.0, timestamp '2020-01-01' + i * interval '1 second',
    timestamptz '2024-01-01' + i * interval '1 second', i % 3 = 0
from generate_series(1, {rows}) as i;
create index on customers (updated_at);
grant select on customers to owner;
"""
CHANGE = "update customers set city = city || '!', updated_at = now() where customer_id % 100 = {place}"
STEPS = (
    ("first landing", None, "land", {}),
    ("nothing new, whole compare", None, "land", {}),
    ("1% changed, whole compare", 1, "land", {}),
    ("1% changed, first read by a cursor", 2, "land", {"cursor": "updated_at"}),
    ("1% changed, by the cursor", 3, "land", {"cursor": "updated_at"}),
    ("reading alone", None, "read", {}),
    ("reading and hashing alone", None, "hash", {}),
)
"""The steps, in order, on one lake: name, the hundredth of the rows that changes before, the action, settings."""


def step(what: str, lake: Path, **settings: Any) -> dict[str, Any]:
    """Do one landing in this process, or part of one."""
    from patron.ingest.postgres.land import land_table
    from patron.ingest.source import TableSource
    from patron.lake import Lake

    source = TableSource("customers", "public", "customers", "PATRON_POSTGRES", **settings)
    start = time.perf_counter()
    if what == "land":
        landing = land_table(Lake(lake), source)
        rows_read, rows = landing.rows_read, landing.rows
    else:
        rows_read, rows = _read(source, lake, hashed=what == "hash"), 0
    return {"seconds": time.perf_counter() - start, "rows_read": rows_read, "rows": rows}


def _read(source: Any, lake: Path, *, hashed: bool) -> int:
    """Read every row as batches of columns, or as hashes that are summed; nothing is written."""
    from patron.ingest.postgres.server import connect_server
    from patron.ingest.postgres.table import read_table

    with connect_server(source, lake / "spill") as server:
        table = read_table(server, source)
        relation = server.relation(f"select * from {table.quoted}")
        if hashed:
            sql = f"select count(*), sum(hash(columns(*))) from {relation}"
            return int(server.engine.execute(sql).fetchall()[0][0])
        return sum(b.num_rows for b in server.engine.execute(f"select * from {relation}").to_arrow_reader(2**16))


def measured(rows: int) -> list[dict[str, Any]]:
    """Run each step in its own process."""
    import postgres_server

    found = []
    for server in postgres_server.started():
        database = server.new_database()
        database.run(TABLE.format(rows=rows))
        server.psql(database.name, "vacuum analyze customers")
        os.environ["PATRON_POSTGRES"] = database.url
        with tempfile.TemporaryDirectory() as lake:
            for name, place, what, settings in STEPS:
                if place is not None:
                    database.run(CHANGE.format(place=place))
                once = measure([sys.executable, "-m", "benchmarks.postgres", what, lake, json.dumps(settings)])
                said = json.loads(once.output)
                found.append({"step": name, "peak_mb": once.peak_mb, "cpu_seconds": once.cpu_seconds, **said})
                print(found[-1], flush=True)
    return found


def main(words: list[str]) -> None:
    """Measure everything or, given a step, run it and print the result."""
    if len(words) == 3:
        print(json.dumps(step(words[0], Path(words[1]), **json.loads(words[2]))))
        return
    rows = int(words[0]) if words else 5_000_000
    load = os.getloadavg()[0]
    found = measured(rows)
    save("postgres", {"machine": machine(), "rows": rows, "load_before": load, "steps": found})


if __name__ == "__main__":
    main(sys.argv[1:])
