"""Two runs at once: the second is told who works and since when; readers never wait; a dead process holds nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.projects import Forked, copy_of_built, patron, row
from patron.errors import EngineError, LockedError
from patron.project.lock import lock_project

PAUSE = "import time, patron.pipeline.run; patron.pipeline.run.Runner._build = lambda *_: time.sleep(600)"


@pytest.fixture
def at_work(tmp_path) -> Iterator[tuple[Path, Forked]]:
    """A project, and a run that holds it."""
    folder = copy_of_built(tmp_path)
    (folder / "data" / "more.csv").write_text((folder / "data" / "good.csv").read_text() + row())
    process = Forked("run", "--quiet", folder=folder, first=PAUSE)
    holder = folder / ".patron" / "lock.json"
    until = time.monotonic() + 30
    while not (holder.exists() and holder.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    yield folder, process
    process.send(signal.SIGKILL)
    process.wait()


def test_the_second_run_is_told_who_works_and_since_when(at_work):
    folder, process = at_work
    for command in ("run", "replay"):
        start = time.monotonic()
        outcome = patron(command, "--json", folder=folder)
        assert time.monotonic() - start < 5
        assert (outcome.code, outcome.json["error"]) == (4, "locked")
        found = re.search(r"process (\d+) on (\S+), since (\S+)\.", outcome.json["what"])
        assert found[1] == str(process.pid)
        assert found[3].startswith("20")
        assert "wait for it to end, or stop that process" in outcome.json["next"]


def test_readers_do_not_wait(at_work):
    folder, _ = at_work
    assert patron("query", "select count(*) as n from customer_360", "--json", folder=folder).json == [{"n": 2}]
    assert patron("profile", "c1", folder=folder).code == 0
    assert patron("tables", folder=folder).code == 0
    assert patron("doctor", folder=folder).code == 0


def test_a_killed_run_holds_nothing(at_work):
    folder, process = at_work
    process.send(signal.SIGKILL)
    assert process.wait().code == -signal.SIGKILL
    process.wait = lambda: None  # it has been waited for
    assert (folder / ".patron" / "lock.json").exists()  # what it said of itself is still there, and means nothing
    with lock_project(folder / ".patron"):
        assert json.loads((folder / ".patron" / "lock.json").read_text())["process"] == os.getpid()
    assert not (folder / ".patron" / "lock.json").exists()


def test_the_lock_is_given_back_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), lock_project(tmp_path):
        raise ZeroDivisionError
    with lock_project(tmp_path):
        pass


def test_nobody_is_named_where_the_holder_is_unknown(tmp_path):
    with lock_project(tmp_path):
        (tmp_path / "lock.json").write_text("{")
        with pytest.raises(LockedError, match="a process that has just started"), lock_project(tmp_path):
            pass


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / ".patron").write_text("a file is in the way")
    with pytest.raises(EngineError, match="It is no folder"), lock_project(tmp_path / ".patron"):
        pass
