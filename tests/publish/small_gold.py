"""A few published tables of a built shop, changed at will: publishing them takes a moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from pathlib import Path

import duckdb

from patron.publish.snapshot import POINTER

SMALL = (
    *("customer_360", "customer_clv", "customer_churn", "customer_clusters", "dim_customer", "dim_rfm_segment"),
    *("dim_date", "dim_location", "fct_orders", "dim_churn_group", "dim_clv_tier", "cluster_profiles"),
)


def keep_only(folder: Path, to: Path, tables: Collection[str]) -> Path:
    """A project like that of `folder`, of whose published snapshot only these tables are there."""
    published, output = folder / ".patron" / "published", _said(folder)
    place = to / ".patron" / "published" / output["name"]
    place.mkdir(parents=True)
    shutil.copy(folder / "patron.yaml", to)
    for table in tables:
        shutil.copy(published / output["name"] / f"{table}.parquet", place)
    kept = {part: {name: output[part][name] for name in tables} for part in ("tables", "contents")}
    _write(to, {**output, **kept})
    return to


def republish(folder: Path, **changes: str) -> None:
    """A new snapshot, of which these tables are selects of the rows before: `select ... from {rows}`."""
    output = _said(folder)
    before = folder / ".patron" / "published" / output["name"]
    name = output["name"][:-1] + "1Z"
    after = before.with_name(name)
    shutil.copytree(before, after)
    for table, select in changes.items():
        rows = f"read_parquet('{before / table}.parquet')"
        duckdb.sql(f"copy ({select.format(rows=rows)}) to '{after / table}.parquet' (format parquet)")
        output["contents"][table] = f"{output['contents'][table]} {name}"
        output["tables"][table] = duckdb.sql(
            f"select count(*) from read_parquet('{after / table}.parquet')"
        ).fetchone()[0]
    _write(folder, {**output, "name": name})


def _said(folder: Path) -> dict:
    return json.loads((folder / ".patron" / "published" / POINTER).read_text())


def _write(folder: Path, output: dict) -> None:
    (folder / ".patron" / "published" / POINTER).write_text(json.dumps(output))
