"""Compares the tables of two shops' warehouses row by row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb


def find_differences(shop: Path, other: Path, layers: Sequence[str], without: Sequence[str] = ()) -> list[str]:
    """The tables whose rows differ, or that only one has, with the number of rows in one and not in the other."""
    with duckdb.connect() as engine:
        for name, folder in (("one", shop), ("two", other)):
            engine.execute(f"attach '{folder / '.patron/warehouse.duckdb'}' as {name} (read_only)")
        tables = {name: _list_tables(engine, name, layers) - set(without) for name in ("one", "two")}
        assert len(tables["one"]) > 40
        differing = [f"{table}: only in one" for table in sorted(tables["one"] ^ tables["two"])]
        for table in sorted(tables["one"] & tables["two"]):
            one, two = f"from one.{table}", f"from two.{table}"
            sql = f"select count(*) from (({one} except all {two}) union all ({two} except all {one}))"
            (count,) = engine.execute(sql).fetchone()
            if count:
                differing.append(f"{table}: {count} rows")
        return differing


def _list_tables(engine: duckdb.DuckDBPyConnection, catalog: str, layers: Sequence[str]) -> set[str]:
    sql = (
        "select table_schema || '.' || table_name from information_schema.tables "
        f"where table_catalog = '{catalog}' and table_type = 'BASE TABLE' and table_schema in {tuple(layers)}"
    )
    return {name for (name,) in engine.execute(sql).fetchall()}
