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


@dataclass(frozen=True)
class CheckContext:
    """A project that is being checked. now: the moment that ages are measured at, with its timezone."""

    project: Project
    lake: Lake
    warehouse: Warehouse
    now: dt.datetime

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a select, a dict each."""
        rows: list[dict[str, Any]] = self.warehouse.query(sql).to_pylist()
        return rows

    def query_number(self, sql: str) -> int:
        """The column `n` of a select with one row."""
        return int(self.query(sql)[0]["n"])

    def measured_as_of(self) -> str:
        """The day or rule that the tables were measured at, as the last build wrote it down."""
        from patron.pipeline.build import ASKED

        return str(self.query(f"select as_of from {'.'.join(ASKED)}")[0]["as_of"])

    def compiled_tests(self, pattern: str) -> list[Path]:
        """The SQL files of the data tests whose names match."""
        return sorted((self.project.compiled / "tests").glob(pattern))

    def compiled_model(self, folder: str, model: str) -> str:
        """The SQL of a model over all of its input, reading bronze instead of what a build kept of staging."""
        models = self.project.compiled / "models"
        sql = (models / folder / f"{model}.sql").read_text(encoding="utf-8")
        for staged in (models / "staging").glob("stg_*.sql"):
            relation = rf'(?:[`"]?\w+[`"]?\.)?[`"]?staging[`"]?\.[`"]?{staged.stem}\b[`"]?'
            text = staged.read_text(encoding="utf-8")
            sql = re.sub(relation, lambda _, text=text: f"(\n{text}\n)", sql)  # type: ignore[misc]
        return sql
