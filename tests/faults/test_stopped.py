"""Ctrl-C and sudden death at any moment of a run: the next one ends as if nothing had happened."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from faults.projects import HEADER, Forked, forked, gold, patron, problems, row, write
from patron.engines.duckdb import DuckDBWarehouse
from patron.errors import stopped_by_the_user

STOP_IN = """
import os, signal, threading
from patron.pipeline.progress import Stages

def stop():
    os.kill(os.getpid(), signal.SIGINT)

def opened(stages, name):
    if name == {stage!r}:
        threading.Timer({delay}, stop).start() if {delay} else stop()

Stages._open = opened
"""

STAGES = [
    ("bronze", 0),
    ("render", 0),
    ("plan", 0),
    ("silver to gold", 0),
    ("silver to gold", 0.1),
    ("checks", 0),
    ("publish", 0),
]
LATER_IN_A_STAGE = [("bronze", 0.02), ("silver to gold", 0.03), ("silver to gold", 0.8), ("publish", 0.03)]
"""A key pressed some time after a stage began: much as at any moment, so soak like `test_ctrl_c_at_any_moment`."""


def day(number: int) -> str:
    """A file of one day: customers come again, goods come back, and some rows are bad.

    Four days are enough lines for tables that are files (engines/duckdb.py), and three are not.
    """
    lines = [
        row(
            order_id=f"{number}-{order}",
            ordered_at=f"2024-{1 + number // 28:02}-{1 + number % 28:02} {8 + order % 10:02}:00:00",
            customer_id=f"c{(number * 7 + order) % 23}",
            product_id=f"p{order % 5}",
            quantity=("two" if order == 13 else "-1" if order % 11 == 10 else str(1 + order % 3)),
            unit_price=f"{1 + order % 7}.50",
        )
        for order in range(260)
    ]
    return HEADER + "".join(lines) + f"{number}-x,cut off\n"


def project(folder: Path, days: int) -> Path:
    return write(folder, {f"day{number:03}.csv": day(number) for number in range(days)})


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Gold after one run over so many days."""
    known = {}

    def gold_of(days: int):
        if days not in known:
            folder = project(tmp_path_factory.mktemp("undisturbed"), days)
            assert patron("run", "--quiet", folder=folder).code == 0
            known[days] = gold(folder)
        return known[days]

    return gold_of


@pytest.mark.parametrize("moments", [STAGES, pytest.param(LATER_IN_A_STAGE, marks=pytest.mark.soak)])
def test_ctrl_c_in_any_stage_is_one_line_and_the_next_run_goes_on(tmp_path, undisturbed, moments):
    """One project through all stages: each run takes up where the one before was stopped."""
    folder = project(tmp_path, 3)
    for stage, delay in moments:
        all_of_it = () if stage in ("bronze", "render") else ("--full-refresh",)  # so that there is such a stage
        outcome = forked("run", "--quiet", *all_of_it, folder=folder, first=STOP_IN.format(stage=stage, delay=delay))
        if stage in ("bronze", "publish") and delay and outcome.code == 0:
            continue  # it was over before the key was pressed
        assert outcome.code == 130, (stage, outcome.err)
        assert outcome.err == "\nStopped. Landed data is kept; run again to continue.\n", stage
        assert outcome.out == "", stage
    assert forked("run", "--quiet", folder=folder).code == 0
    assert gold(folder) == undisturbed(3)
    assert problems(folder) == []


def test_ctrl_c_inside_a_query_is_no_crash(tmp_path, monkeypatch):
    """DuckDB makes a RuntimeError of it, whose cause is the key that was pressed."""

    def stopped(*_):
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()

    folder = project(tmp_path, 1)
    with monkeypatch.context() as patch:
        patch.setattr(DuckDBWarehouse, "query", stopped)
        outcome = patron("run", "--quiet", folder=folder)
    assert (outcome.code, outcome.err) == (130, "\nStopped. Landed data is kept; run again to continue.\n")
    assert patron("run", "--quiet", folder=folder).code == 0
    assert problems(folder) == []


def test_an_error_that_is_its_own_cause_is_no_ctrl_c():
    error, other = RuntimeError("a"), RuntimeError("b")
    error.__cause__, other.__cause__ = other, error
    assert not stopped_by_the_user(error)
    other.__cause__ = KeyboardInterrupt()
    assert stopped_by_the_user(error)


def killed_now_and_then(folder: Path, undisturbed, kills: int, rounds: int, seed: int) -> None:
    """Days arrive, and runs die at random moments; after some deaths one run is let through."""
    chance = random.Random(seed)
    longest = 3.0
    for number in range(1, rounds + 1):
        project(folder, 2 * number)
        for _ in range(kills):
            process = Forked("run", "--quiet", folder=folder)
            time.sleep(chance.uniform(0, longest) ** 2 / longest)  # early stages are short, and matter most
            process.send(signal.SIGKILL)
            assert process.wait().code in (-signal.SIGKILL, 0)
        start = time.monotonic()
        outcome = forked("run", "--quiet", folder=folder)
        longest = time.monotonic() - start
        assert outcome.code == 0, outcome.err
        assert gold(folder) == undisturbed(2 * number), f"round {number} of seed {seed}"
        assert problems(folder) == []


def test_sudden_death_loses_and_doubles_nothing(tmp_path, undisturbed):
    killed_now_and_then(tmp_path, undisturbed, kills=6, rounds=2, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 6))
def test_sudden_death_loses_and_doubles_nothing_however_often(tmp_path, undisturbed, seed):
    killed_now_and_then(tmp_path, undisturbed, kills=10, rounds=5, seed=seed)


@pytest.mark.soak
@pytest.mark.parametrize("tenths", range(40))
def test_ctrl_c_at_any_moment(tmp_path, undisturbed, tenths):
    folder = project(tmp_path, 3)
    process = Forked("run", "--quiet", folder=folder)
    time.sleep(0.05 + tenths / 10)
    process.send(signal.SIGINT)
    outcome = process.wait()
    assert outcome.code in (130, 0)
    assert "Traceback" not in outcome.err
    assert forked("run", "--quiet", folder=folder).code == 0
    assert gold(folder) == undisturbed(3)
    assert problems(folder) == []
