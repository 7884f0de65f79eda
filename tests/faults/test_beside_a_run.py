"""Readers work while a run holds the lock, and where nothing can be written: check, status, query and the others."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from faults.projects import built, copy_of_built, patron
from patron.project.lock import lock_project
from patron.publish.snapshot import load_current

READERS = [
    ("status",),
    ("check",),
    ("query", "select count(*) as n from customer_360"),
    ("ask", "order_gaps"),
    ("tables",),
    ("profile", "c1"),
    ("history", "c1"),
    ("quarantine",),
    ("audience", "list"),
]
SILENT = {"lag_days"}


def without_clock(rows: list[dict]) -> list[dict]:
    return [{name: value for name, value in row.items() if name not in SILENT} for row in rows]


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_readers_work_beside_a_run(words):
    with lock_project(built() / ".patron"):
        outcome = patron(*words, folder=built())
    assert outcome.code == 0, outcome.err
    assert outcome.out


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_status_and_check_work_where_nothing_can_be_written(number, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    before = patron("status", "--json", folder=built()).json
    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    assert without_clock(patron("status", "--json", folder=built()).json) == without_clock(before)
    found = patron("check", "--json", folder=built()).json
    assert found["failed"] == 0
    assert found["findings"][0]["status"] == "warn"
    assert "cannot be written" in found["findings"][0]["detail"]


def test_status_beside_a_run_is_that_of_the_snapshot():
    before = patron("status", "--json", folder=built()).json
    with lock_project(built() / ".patron"):
        assert without_clock(patron("status", "--json", folder=built()).json) == without_clock(before)


def test_check_beside_a_run_still_finds_a_damaged_file(tmp_path):
    folder = copy_of_built(tmp_path)
    published = folder / ".patron" / "published"
    file = published / load_current(published).name / "customer_360.parquet"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with lock_project(folder / ".patron"):
        outcome = patron("check", folder=folder)
    assert (outcome.code, "customer_360.parquet" in outcome.out.replace("\n", "")) == (5, True)


def test_what_needs_the_warehouse_still_waits():
    with lock_project(built() / ".patron"):
        assert patron("check", "--against-full", folder=built()).code == 4
        assert patron("run", folder=built()).code == 4


def test_readers_work_on_a_read_only_mount(tmp_path):
    """A mount of its own, in a namespace of its own; skipped where the system does not allow that."""
    folder = Path(shutil.copytree(built(), tmp_path / "shop"))
    mount = f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder}"
    probe = (
        subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, check=False)
        if shutil.which("unshare")
        else None
    )
    if probe is None or probe.returncode:
        pytest.skip("no mounts here")
    program = "from patron.cli.app import main; import sys; main(sys.argv[1:])"
    for words in (("status",), ("check",), ("query", "select count(*) from customer_360")):
        command = [
            "sh",
            "-c",
            f'{mount} && exec "$@"',
            "sh",
            sys.executable,
            "-c",
            program,
            *words,
            "--project",
            folder,
        ]
        done = subprocess.run(["unshare", "-m", *map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout
