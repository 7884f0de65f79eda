"""Mutated exports of one shop land together and are built: no row is lost between the files and silver."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from random import Random

import duckdb

from benchmarks.fuzz.byte_mutations import mutate_text
from benchmarks.fuzz.exports import Export
from benchmarks.fuzz.table_mutations import mutate_table
from benchmarks.fuzz.writing import write_delimited
from patron.errors import PatronError
from patron.ingest.files.land import land_files
from patron.ingest.source import FileSource
from patron.lake import Lake
from patron.pipeline.run import run
from patron.project.project import Project

FILES = 25
"""How many files a case has, each mutated by itself."""

_HEADER = ("order_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price")
_COLUMNS = {
    **{name: name for name in _HEADER},
    "ordered_at": {"expression": "ordered_at", "format": "%Y-%m-%d %H:%M:%S"},
}
_SETTINGS = {
    "shop": {"name": "Fuzz"},
    "data": "data",
    "as_of": "2024-12-31",
    "quarantine": {"stop_above_rate": 1, "future_events": True},
    "sources": {"receipts": {"files": "*.csv", "entities": {"order_lines": {"columns": _COLUMNS}}}},
}


class Landings:
    """Makes and judges folders of one seed; a case takes seconds."""

    name = "landings"

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed, self._folder = seed, folder

    def judge(self, number: int) -> tuple[str, str | None]:
        """Land and build a folder of files; return what came of it, and what is wrong."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            landed = _write_shop(folder, Random(f"{self._seed}:{number}"))
            run(Project.load(folder), select="+row_accounting")
            return "built", _compare(folder, landed)
        except PatronError as error:
            return "stopped", None if error.where or error.do else f"no place: {error}"
        finally:
            shutil.rmtree(folder)


def _write_shop(folder: Path, random: Random) -> int:
    """Write a project of those files that land alone; return their rows, landed or rejected."""
    (folder / "data").mkdir()
    (folder / "patron.yaml").write_text(json.dumps(_SETTINGS), encoding="utf-8")
    rows = 0
    for number in range(FILES):
        file = folder / "data" / f"{number}.csv"
        file.write_bytes(_write_file(number, random))
        source = FileSource("alone", (file.name,), required_columns=_HEADER)
        try:
            alone = land_files(Lake(folder / f"lake {number}"), source, root=file.parent)
            rows += alone.rows + alone.rejected_rows
        except PatronError:
            file.unlink()
        shutil.rmtree(folder / f"lake {number}", ignore_errors=True)
    return rows


def _write_file(number: int, random: Random) -> bytes:
    rows = [
        (f"{number}-{row}", f"2024-0{random.randint(1, 9)}-11 10:00:00", f"c{random.randint(1, 9)}", "p", "2", "1.50")
        for row in range(random.randint(4, 15))
    ]
    export = Export("receipts", _HEADER, tuple(rows))
    export = mutate_table(export, random) if random.random() < 0.5 else export
    content = write_delimited(export, random).content
    return mutate_text(content, random) if random.random() < 0.5 else content


def _compare(folder: Path, landed: int) -> str | None:
    """Count the rows of silver and of what was set aside, and compare with those of the files and of the lake."""
    table, rejected = (
        Lake(folder / ".patron" / "lake").table("receipts"),
        Lake(folder / ".patron" / "lake").rejected("receipts"),
    )
    with duckdb.connect(str(folder / ".patron" / "warehouse.duckdb"), read_only=True) as warehouse:
        silver, quarantined, filtered = (warehouse.execute(sql).fetchall()[0][0] for sql in _COUNTS)
    in_lake = table.row_count() + (rejected.row_count() if rejected.exists else 0)
    if in_lake != landed:
        return f"{in_lake} rows in the lake, {landed} of the files one by one"
    if table.row_count() != silver + quarantined + filtered:
        return f"{table.row_count()} rows of bronze, {silver} of silver, {quarantined} bad, {filtered} filtered"
    return None


_COUNTS = (
    "select count(*) from silver.order_lines",
    "select count(*) from quarantine.quarantined_rows where entity = 'order_lines'",
    "select coalesce(sum(filtered_count), 0) from quarantine.filtered_rows",
)
