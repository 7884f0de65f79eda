"""A disk that fills up at any point of a run: a clear error, the last good gold, and a next run as if nothing was."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.projects import COLUMNS, HEADER, copy_of_built, forked, gold, patron, problems, row, write

MORE = HEADER + "".join(
    row(order_id=f"m{n}", customer_id=f"c{n % 40}", product_name=f"Article {n:0200}") for n in range(400)
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict:
    """Gold of a project that was built, got more, and was built again."""
    folder = copy_of_built(tmp_path_factory.mktemp("undisturbed"))
    (folder / "data" / "more.csv").write_text(MORE)
    assert patron("run", "--quiet", folder=folder).code == 0
    return gold(folder)


@pytest.fixture
def disk(tmp_path) -> Iterator[Callable[[int], Path]]:
    """A disk of its own that holds a built project; disk(kilobytes) leaves that much room, disk(0) plenty."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    folder = copy_of_built(place)
    (folder / "data" / "more.csv").write_text(MORE)

    def leave(kilobytes: int) -> Path:
        used = shutil.disk_usage(place).used // 1024
        size = f"{used + kilobytes}k" if kilobytes else "256m"
        subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)
        return folder

    yield leave
    subprocess.run(["umount", "-l", str(place)], check=True)


def starved_and_fed(disk: Callable[[int], Path], room: int, undisturbed: dict) -> None:
    folder = disk(room)
    before = gold(folder)
    outcome = forked("run", "--json", folder=folder)
    assert outcome.code == 6, (room, outcome)
    assert "space" in outcome.json["what"] + outcome.json["next"]
    assert "Traceback" not in outcome.err
    assert gold(folder) == before
    assert patron("profile", "c1", folder=folder).code == 0
    disk(0)
    again = forked("run", "--json", folder=folder)
    assert again.code == 0, again.err
    assert again.json["rows_landed"] in (0, 400)
    assert gold(folder) == undisturbed
    assert problems(folder) == []
    staging = folder / ".patron" / "lake" / "_staging"
    assert not [path for path in staging.rglob("*") if path.is_file()]


@pytest.mark.parametrize("room", [pytest.param(4, marks=pytest.mark.soak), 500])
def test_a_full_disk_stops_a_run_and_spoils_nothing(disk, undisturbed, room):
    starved_and_fed(disk, room, undisturbed)


@pytest.mark.soak
@pytest.mark.parametrize("room", [1, 8, 16, 24, 32, 48, 64, 100, 150, 200, 300, 700, 900, 1200, 1500])
def test_a_full_disk_at_any_point_spoils_nothing(disk, undisturbed, room):
    starved_and_fed(disk, room, undisturbed)


FULL = """
import errno, os
def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
"""

WRITERS = {
    # the first three before anything has landed
    "the rows kept aside": FULL + "import patron.ingest.files.rejected_rows as r; r.Rejects.reader = full",
    "the lake's data": FULL + "import deltalake; deltalake.write_deltalake = full",
    "the lake's log": FULL + "import patron.lake.bronze_table as t; t.BronzeTable._add = full",
    "the rendered project": FULL + "import patron.transform.render.dbt_project as d; d.write_files = full",
    "the record of the build": FULL + "import patron.transform.state as b; b.BuildRecord.end = full",
    "the published tables": FULL + "import patron.engines.duckdb as w; w.DuckDBWarehouse.export = full",
    "the pointer": FULL + "import patron.publish.snapshot as s; s._swap = full",
}


def test_each_writer_that_finds_the_disk_full_says_so(tmp_path, undisturbed):
    """One project through all writers: each run gets as far as the one that fails."""
    folder = copy_of_built(tmp_path)
    before = gold(folder)
    (folder / "data" / "more.csv").write_text(MORE + "cut off\n")
    for writer, fault in WRITERS.items():
        outcome = forked("run", "--json", folder=folder, first=fault)
        assert outcome.code == 6, (writer, outcome)
        assert "No space left" in outcome.json["what"] or "no space left" in outcome.json["what"], writer
        assert "space" in outcome.json["next"], writer
        assert "Traceback" not in outcome.err, writer
        assert gold(folder) == before, writer
    assert forked("run", "--quiet", folder=folder).code == 0
    assert gold(folder) == undisturbed
    assert problems(folder) == []


def test_a_file_that_may_not_grow_is_reported(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))"
    folder = write(tmp_path, {"more.csv": MORE})
    outcome = forked("run", "--json", folder=folder, first=limit)
    assert outcome.code == 6, outcome
    assert "Traceback" not in outcome.err
    assert forked("run", "--quiet", folder=folder).code == 0
    assert problems(folder) == []


def test_a_folder_that_may_not_be_written_is_reported(tmp_path):
    folder = write(tmp_path / "shop")
    outcome = forked("run", "--json", folder=folder, first=_UNWRITABLE.format(folder=str(folder / ".patron")))
    assert (outcome.code, outcome.json["error"]) == (6, "engine")
    assert COLUMNS


_UNWRITABLE = """
import errno, os, pathlib
old = pathlib.Path.mkdir
def mkdir(path, *a, **k):
    if str(path).startswith({folder!r}):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return old(path, *a, **k)
pathlib.Path.mkdir = mkdir
"""
