"""What every check reads: the project, its lake and its warehouse, and the SQL that the last build compiled."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.project import Project

_REQUESTED_AS_OF_IN_0_1 = ("meta", "asked")
"""The name of the table in a warehouse that version 0.1 built."""


@dataclass(frozen=True)
class CheckContext:
    """A project that is being checked. now: the moment that ages are measured at, with its timezone."""

    project: Project
    lake: Lake
    warehouse: Warehouse
    now: dt.datetime

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run a select; return a dict for each row."""
        rows: list[dict[str, Any]] = self.warehouse.query(sql).to_pylist()
        return rows

    def query_number(self, sql: str) -> int:
        """Run a select with one row; return its column `n`."""
        return int(self.query(sql)[0]["n"])

    def read_as_of(self) -> str:
        """Read the day or rule that the last build measured the tables as of."""
        from patron.pipeline.build import REQUESTED_AS_OF

        table = REQUESTED_AS_OF if self.warehouse.exists(*REQUESTED_AS_OF) else _REQUESTED_AS_OF_IN_0_1
        return str(self.query(f"select as_of from {'.'.join(table)}")[0]["as_of"])

    def find_tests(self, pattern: str) -> list[Path]:
        """Find the compiled SQL files of the data tests whose names match."""
        return sorted((self.project.compiled / "tests").glob(pattern))

    def read_model(self, folder: str, model: str) -> str:
        """Read the compiled SQL of a model over all of its input, from bronze instead of staging tables."""
        models = self.project.compiled / "models"
        sql = (models / folder / f"{model}.sql").read_text(encoding="utf-8")
        for staged in (models / "staging").glob("stg_*.sql"):
            relation = rf'(?:[`"]?\w+[`"]?\.)?[`"]?staging[`"]?\.[`"]?{staged.stem}\b[`"]?'
            text = staged.read_text(encoding="utf-8")
            sql = re.sub(relation, lambda _, text=text: f"(\n{text}\n)", sql)  # type: ignore[misc]
        return sql
