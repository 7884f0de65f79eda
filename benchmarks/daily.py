"""Times a year of daily runs, one file at a time, and checks that gold equals that of one run over all files."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import measure, patron
from benchmarks.page import save
from benchmarks.shops import real_data, real_project


@dataclass(frozen=True)
class Daily:
    """The seconds of each run as a full process, and the output of `patron check --against-full`."""

    seconds: list[float]
    tables: int
    different: list[str]


def day_by_day(folder: Path, days: Path) -> Daily:
    """Run after each file of the real shop, then compare gold with a full build."""
    arrived = folder / "arrived"
    arrived.mkdir(parents=True)
    project = real_project(folder / "shop", arrived)
    files = sorted(days.rglob("*.csv"))
    seconds = []
    for file in files:
        shutil.copy(file, arrived / file.name)
        seconds.append(measure(patron("run", "--quiet", "--project", str(project))).seconds)
        print(f"{file.stem}: {seconds[-1]:.1f} s", flush=True)
    checked = measure(patron("check", "--against-full", "--json", "--project", str(project)))
    compared = [row for row in json.loads(checked.output)["findings"] if row["section"] == "against full"]
    return Daily(seconds, len(compared), [row["name"] for row in compared if row["status"] != "pass"])


def main() -> None:
    """Measure, if the real files are present."""
    days = real_data()
    if days is None:
        sys.exit("the real files are not here; PATRON_REAL_DATA names their folder")
    with tempfile.TemporaryDirectory() as scratch:
        found = day_by_day(Path(scratch), days)
    save("daily", asdict(found))


if __name__ == "__main__":
    main()
