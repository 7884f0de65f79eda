"""A file lands once: whatever its name, however often, and wherever a run dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from patron.errors import EngineError, SourceError
from patron.ingest.files import land as files
from patron.lake import BronzeTable


def test_again_adds_nothing(folder) -> None:
    folder.write("a.csv", "id\n1\n")
    folder.land()
    version = folder.lake.table("till").version()
    again = folder.land()
    assert (again.files_matched, again.files_landed, again.files_already_landed) == (1, 0, 1)
    assert folder.lake.table("till").version() == version


def test_a_copy_under_another_name_adds_nothing(folder) -> None:
    folder.write("a.csv", "id\n1\n")
    folder.land()
    shutil.copy(folder.data / "a.csv", folder.data / "b.csv")
    (folder.data / "a.csv").rename(folder.data / "c.csv")
    assert folder.land().files_already_landed == 2
    assert len(folder.rows()) == 1


def test_two_new_copies_land_once_and_it_is_reported(folder) -> None:
    folder.write("a.csv", "id\n1\n")
    folder.write("b.csv", "id\n1\n")
    landing = folder.land()
    assert (landing.files_landed, landing.rows) == (1, 1)
    assert landing.warnings == ["b.csv: same content as a.csv; landed once"]


def test_only_what_is_new_lands(folder) -> None:
    folder.write("a.csv", "id\n1\n")
    folder.land()
    folder.write("a.csv", "id\n1\n2\n")
    folder.write("b.csv", "id\n3\n")
    landing = folder.land()
    assert (landing.files_landed, landing.rows) == (2, 2)
    assert sorted(row["id"] for row in folder.rows()) == ["1", "2", "3"]


def test_no_file_is_reported(folder) -> None:
    assert folder.land("*.csv").warnings == ["till: no file matches *.csv"]
    assert not folder.lake.table("till").exists


def test_sources_do_not_share_batches(folder) -> None:
    folder.write("a.csv", "id\n1\n")
    assert folder.land(name="one").batch_ids == [1]
    assert folder.land(name="two").batch_ids == [2]


def test_much_input_lands_in_several_commits(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "COMMIT_BYTES", 25)
    for number in range(5):
        folder.write(f"{number}.csv", f"id\n{number:05}\nx\n")
    landing = folder.land()
    assert landing.batch_ids == [1, 2, 3]
    assert (landing.files_landed, landing.rows) == (5, 10)
    assert [row["id"] for row in folder.rows()] == [
        "00000",
        "x",
        "00001",
        "x",
        "00002",
        "x",
        "00003",
        "x",
        "00004",
        "x",
    ]


def test_commits_before_an_error_are_kept(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "COMMIT_BYTES", 1)
    folder.write("1.csv", "id\n1\n")
    folder.write("2.csv", "id\n2\n")
    commit = BronzeTable.commit

    def second_fails(self, staged, *, batch_id, **rest):
        if batch_id == 2:
            raise EngineError("no space left")
        return commit(self, staged, batch_id=batch_id, **rest)

    monkeypatch.setattr(BronzeTable, "commit", second_fails)
    with pytest.raises(EngineError):
        folder.land()
    assert [row["id"] for row in folder.rows()] == ["1"]
    monkeypatch.setattr(BronzeTable, "commit", commit)
    assert folder.land().files_landed == 1
    assert [row["id"] for row in folder.rows()] == ["1", "2"]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("survives", [0, 1, 2])
def test_a_run_that_dies_at_any_commit_lands_exactly_once(
    folder, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    folder.write("a.csv", "id,name\n1,x\n2\n3,y\n")
    commit = BronzeTable.commit
    done = []

    def dying(self, staged, **rest):
        if len(done) == survives:
            raise Killed
        done.append(1)
        return commit(self, staged, **rest)

    monkeypatch.setattr(BronzeTable, "commit", dying)
    if survives < 2:
        with pytest.raises(Killed):
            folder.land()
        assert not folder.lake.table("till").exists
    monkeypatch.setattr(BronzeTable, "commit", commit)
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (2, 1)
    folder.write("b.csv", "id,name\n4\n")
    folder.land()
    assert [row["id"] for row in folder.rows()] == ["1", "3"]
    assert [(row[0], row[1]) for row in folder.rejected()] == [("a.csv", 3), ("b.csv", 2)]


def test_a_file_that_changes_while_it_is_read_lands_nothing(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.write("a.csv", "id\n1\n")
    stage = BronzeTable.stage

    def written_meanwhile(self, batches):
        with path.open("a") as file:
            file.write("2\n")
        return stage(self, batches)

    monkeypatch.setattr(BronzeTable, "stage", written_meanwhile)
    with pytest.raises(SourceError, match="changed while it was read"):
        folder.land()
    assert not folder.lake.table("till").exists


def start_landing(folder) -> subprocess.Popen[bytes]:
    code = """
        import sys
        from pathlib import Path
        from patron.ingest.files.land import FileSource, land_files
        from patron.lake import Lake
        print("started", flush=True)
        lake, data = map(Path, sys.argv[1:])
        land_files(Lake(lake), FileSource("till", ("*.csv",)), root=data)
    """
    arguments = [sys.executable, "-c", textwrap.dedent(code), str(folder.lake.root), str(folder.data)]
    running = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert running.stdout is not None
    running.stdout.readline()
    return running


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("wait", [0.1, 0.5])
def test_a_process_that_is_stopped_leaves_a_valid_lake(folder, sign: signal.Signals, wait: float) -> None:
    rows = 300_000
    folder.write("a.csv", "id,name\n" + "".join(f"{n},{n * n}\n" for n in range(rows)) + "broken\n")
    running = start_landing(folder)
    time.sleep(wait)
    os.kill(running.pid, sign)
    running.wait(timeout=30)
    table = folder.lake.table("till")
    assert not table.exists or table.row_count() == rows
    folder.land()
    assert table.row_count() == rows
    assert len(folder.rejected()) == 1
