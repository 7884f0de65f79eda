"""Writes project folders from Python, runs them, and reads their tables back as plain rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from patron.engines import open_warehouse
from patron.lake import Lake
from patron.pipeline.check.before_publishing import refuse_wrong_money
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.project.project import Project
from patron.transform.quarantine.threshold import enforce_threshold

OBSERVED = {"customer_history", "segment_moves"}
"""Gold tables that tell what each run saw, and so differ where the runs were others (tests/test_history.py)."""

MONEY = (
    "customer_360",
    "daily_metrics",
    "kpi_overall",
    "ledger",
    "order_measures",
    "row_accounting",
    "quarantined_rows",
)
"""Models that say what a shop's lines come to."""

Row = dict[str, Any]
Settings = Mapping[str, Any] | str
Files = Mapping[str, Sequence[Mapping[str, Any]] | str]


def write_project(folder: Path, settings: Settings, files: Files) -> Path:
    """A project folder: patron.yaml, and data/<file> for each file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = settings if isinstance(settings, str) else json.dumps(settings, indent=2)  # JSON is YAML
    (folder / "patron.yaml").write_text(text, encoding="utf-8")
    add_files(folder, files)
    return folder


def add_files(folder: Path, files: Files) -> None:
    """More files in data/; rows become CSV with the first row's keys as its header."""
    for name, content in files.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else as_csv(content), encoding="utf-8", newline="")


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV; None is an empty cell."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in rows)
    return out.getvalue()


def table_rows(text: str) -> list[Row]:
    """Rows written as a table: a line of names, then a line a row; cells divided by |, blank is None."""
    lines = [line for line in text.strip().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    names, *cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [{name: cell or None for name, cell in zip(names, row, strict=True)} for row in cells]


class BuiltShop:
    """A project folder, its last run, and its tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report: RunReport | None = None
        self._tables: dict[str, list[Row]] = {}

    @property
    def project(self) -> Project:
        return Project.load(self.folder)

    def run(self, **options: Any) -> RunReport:
        """Run the project; tables read before are forgotten."""
        self._tables.clear()
        self.report = run(self.project, **options)
        return self.report

    def run_silver(self) -> RunReport:
        """Land, and build lines, customers and bad rows alone: half the time of a run. Nothing is checked or published."""
        return self.run(select="+order_lines +customers +quarantined_rows +row_accounting")

    def run_money(self) -> None:
        """Land, check the rows as a run does, and build what customers and days are worth: half the time of a run.

        Nothing is predicted or published; where the run itself would stop, this does.
        """
        self.run(select=" ".join(f"+{model}" for model in MONEY))
        lake, warehouse = Lake(self.project.lake), open_warehouse(self.project)
        with warehouse.hold_open():
            enforce_threshold(self.project, lake, warehouse)
            refuse_wrong_money(self.project, lake, warehouse, since_batch=0)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table such as gold.customer_360, in order of their columns."""
        if table not in self._tables:
            self._tables[table] = self.query(f"select * from {table} order by all")
        return self._tables[table]

    def by(self, table: str, *keys: str) -> dict[Any, Row]:
        """The rows of a table by one key column, or by a tuple of several; each key once."""
        found = {}
        for row in self.rows(table):
            key = row[keys[0]] if len(keys) == 1 else tuple(row[name] for name in keys)
            assert key not in found, f"{table} has {key} twice"
            found[key] = row
        return found

    def query(self, sql: str) -> list[Row]:
        with duckdb.connect(str(self.folder / ".patron" / "warehouse.duckdb"), read_only=True) as connection:
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def gold_tables(self) -> list[str]:
        sql = "select table_name from information_schema.tables where table_schema = 'gold' order by 1"
        return [row["table_name"] for row in self.query(sql)]

    def gold(self) -> dict[str, list[Row]]:
        """Every gold table, whole."""
        return {name: self.rows(f"gold.{name}") for name in self.gold_tables()}


def build_silver(folder: Path) -> BuiltShop:
    """The shop of a project folder, up to silver."""
    shop = BuiltShop(folder)
    shop.run_silver()
    return shop


def run_shop(folder: Path) -> BuiltShop:
    """The shop of a project folder, run."""
    shop = BuiltShop(folder)
    shop.run()
    return shop


def picked(row: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    """Some values of a row, in the order asked for."""
    return tuple(row[name] for name in names)
