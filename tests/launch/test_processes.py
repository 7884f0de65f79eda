"""Processes are known by number and birth, and are stopped with their children."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path

import pytest

from patron.launch import processes
from patron.launch.processes import find_birth, start, stop

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)


def wait_for_text(log: Path) -> str:
    end = time.monotonic() + 60
    while not log.is_file() or not log.read_text().endswith("\n"):
        assert time.monotonic() < end
        time.sleep(0.02)
    return log.read_text()


def test_a_process_is_stopped_with_its_children(tmp_path):
    log = tmp_path / "logs/parent.log"
    started = start("parent", [sys.executable, "-c", PARENT], log)
    child = int(wait_for_text(log))
    assert started.is_running
    assert stop(started)
    assert not started.is_running
    assert find_birth(child) is None
    assert not stop(started)


def test_one_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "_STOP_SECONDS", 0.2)
    started = start("stubborn", [sys.executable, "-c", STUBBORN], tmp_path / "log")
    wait_for_text(tmp_path / "log")
    assert stop(started)
    os.waitpid(started.pid, 0)
    assert find_birth(started.pid) is None


def test_a_process_with_the_number_of_one_that_ended_is_left_alone():
    here = os.getpid()
    other = processes.Started("dashboard", here, "born before")
    assert not other.is_running
    assert not stop(other)  # or these tests would end here
    assert dataclasses.replace(other, born=find_birth(here)).is_running


def test_ps_tells_the_same_where_there_is_no_proc(tmp_path, monkeypatch):
    if not any((Path(folder) / "ps").exists() for folder in os.environ["PATH"].split(os.pathsep)):
        pytest.skip("no ps on this machine")
    monkeypatch.setattr(processes, "_PROC", tmp_path)
    started = start("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "log")
    assert started.born
    assert started.is_running
    assert stop(started)
    assert find_birth(started.pid) is None
