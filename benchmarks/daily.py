"""A year of daily runs: one file at a time, as a shop would, and whether gold is that of one run over all files."""

from __future__ import annotations

import json
import shutil
import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import measure, patron
from benchmarks.shops import real_project


@dataclass(frozen=True)
class Daily:
    """Seconds of each run as a whole process, and the words of `patron check --against-full`."""

    seconds: list[float]
    tables: int
    different: list[str]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def day_by_day(folder: Path, days: Path) -> Daily:
    """Run after each file of the real shop, then compare gold with that of a full build."""
    arrived = folder / "arrived"
    arrived.mkdir(parents=True)
    project = real_project(folder / "shop", arrived)
    files = sorted(days.rglob("*.csv"))
    seconds = []
    for file in files:
        shutil.copy(file, arrived / file.name)
        seconds.append(measure(patron("run", "--quiet", "--project", str(project))).seconds)
    checked = measure(patron("check", "--against-full", "--json", "--project", str(project)))
    compared = [row for row in json.loads(checked.output)["findings"] if row["section"] == "against full"]
    return Daily(seconds, len(compared), [row["name"] for row in compared if row["status"] != "pass"])
