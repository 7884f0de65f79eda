"""Small versions of the shops that ship, and the real one, whose files arrive whole or in three parts."""

from __future__ import annotations

import csv
import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.shops import real_data
from patron.examples.scaffold import init
from patron.project.project import FILE_NAME, Project

SMALL: dict[str, dict[str, int]] = {
    "cafe": {"lines": 1_200},
    "customer360": {"customers": 80},
    "food_delivery": {"deliveries": 800, "answers": 200},
    "instacart": {"customers": 40},
    "online_retail": {"lines": 1_500},
}
"""What the generator of each is given: enough for every table that the shop has to have rows."""

REAL = "online_retail (real)"
ENGINES = ("duckdb", "spark")
PARTS = 3
_LEAST_ROWS = 30
"""A shorter file, such as a list of stores, arrives with the first part."""


class TwoProjects:
    """One shop's project on each engine. Both read the same files, and each has a lake and tables of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder, self.files = name, folder, folder / "files"
        _write_files(name, self.files)
        self.projects = {engine: self._write_project(engine) for engine in ENGINES}

    def _write_project(self, engine: str) -> Project:
        target = init(self.folder / engine, self.name.partition(" ")[0], self.files)
        with (target / FILE_NAME).open("a", encoding="utf-8") as file:
            file.write(f"\nwarehouse: {{engine: {engine}}}\n")
        return Project.load(target)

    def deliver(self) -> Iterator[int]:
        """Take the files away, and yield the number of each part once it has arrived."""
        held = self.folder / "held"
        self.files.rename(held)
        self.files.mkdir()
        for number in range(1, PARTS + 1):
            for file in sorted(path for path in held.rglob("*") if path.is_file()):
                _deliver_part(file, self.files / f"part-{number}" / file.relative_to(held), number)
            yield number


def _write_files(name: str, folder: Path) -> None:
    if name == REAL:
        days = real_data()
        assert days is not None, "the real files are not here; PATRON_REAL_DATA names their folder"
        shutil.copytree(days, folder)
    else:
        importlib.import_module(f"patron.examples.{name}.generator").generate(folder, **SMALL[name])


def _deliver_part(file: Path, target: Path, number: int) -> None:
    """Write the rows of one part of a CSV file, under its header."""
    if file.suffix != ".csv":
        rows, chosen = [], []
    else:
        with file.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        chosen = [row for place, row in enumerate(rows) if place * PARTS // len(rows) == number - 1]
    target.parent.mkdir(parents=True, exist_ok=True)
    if len(rows) < _LEAST_ROWS:
        if number == 1:
            shutil.copy(file, target)
    else:
        with target.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *chosen])
