"""A run tidies up once a day, and `patron tidy` at once: what is built, and every row's account, stay as they were."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from faults.projects import HEADER, Forked, gold, patron, problems, row, settings, write
from patron.errors import EngineError
from patron.lake import BronzeTable, Lake
from patron.lake.label_history import History
from patron.pipeline import tidy as tidying
from patron.project.project import Project

DAYS = [f"2024-04-{day:02}" for day in range(1, 6)]
NEVER, AT_ONCE = {"small_files": 1000}, {"small_files": 2, "lake_days": 0}


def lines_of(day: str) -> str:
    """A day's file: good lines, one that goes to quarantine, and one that cannot be read."""
    good = [row(order_id=f"{day}-{who}", customer_id=f"c{who}", ordered_at=f"{day} 10:00:00") for who in range(1, 4)]
    return HEADER + "".join([*good, row(order_id=f"{day}-x", quantity="many"), "too,few\n"])


def shop(folder: Path, keep: dict[str, int]) -> Path:
    limits = {"stop_above_rate": 1}
    return write(folder, {}, settings(keep=keep, quarantine=limits))


def run_daily(folder: Path, days: list[str]) -> None:
    for day in days:
        (folder / "data" / f"{day}.csv").write_text(lines_of(day), encoding="utf-8")
        outcome = patron("run", "--quiet", folder=folder)
        assert outcome.code == 0, outcome.err


@pytest.fixture(scope="module")
def five_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five daily runs that merged nothing; copy it."""
    folder = shop(tmp_path_factory.mktemp("keep") / "shop", NEVER)
    run_daily(folder, DAYS)
    return folder


@pytest.fixture
def crowded(five_days: Path, tmp_path: Path) -> Path:
    """The same shop, which merges three files and more, and keeps none that is not needed."""
    folder = Path(shutil.copytree(five_days, tmp_path / "copy"))
    write(folder, {}, settings(keep=AT_ONCE, quarantine={"stop_above_rate": 1}))
    return folder


def lake_files(folder: Path) -> dict[str, int]:
    lake = Project.load(folder).lake
    return {name: len(list((lake / name).glob("*.parquet"))) for name in ("receipts", "_rejected/receipts")}


def test_tidying_merges_and_deletes_and_leaves_gold_and_accounts_as_they_were(crowded):
    before = gold(crowded, observed=True)
    done = patron("tidy", "--json", folder=crowded).json
    assert done["merged"] == {"receipts": 5, "_rejected/receipts": 5, "history": 5}
    assert lake_files(crowded) == {"receipts": 1, "_rejected/receipts": 1}
    assert len(list((crowded / ".patron" / "history").glob("*.parquet"))) == 1
    assert (gold(crowded, observed=True), problems(crowded)) == (before, [])
    again = patron("run", "--json", folder=crowded).json
    assert not again["rebuilt"]  # nothing changed: merging is no news
    assert patron("tidy", "--json", folder=crowded).json["merged"] == {}


def test_a_full_build_of_the_merged_lake_equals_the_runs_day_by_day(crowded):
    before = gold(crowded, observed=True)
    patron("tidy", folder=crowded)
    assert patron("run", "--full-refresh", "--quiet", folder=crowded).code == 0
    assert gold(crowded, observed=True) == before
    run_daily(crowded, ["2024-04-06"])
    assert patron("check", "--against-full", folder=crowded).code == 0


def test_a_dry_run_says_what_would_be_done_and_does_nothing(crowded):
    before = lake_files(crowded)
    found = patron("tidy", "--dry-run", "--json", folder=crowded).json
    assert (found["is_dry_run"], lake_files(crowded)) == (True, before)
    done = patron("tidy", "--json", folder=crowded).json
    assert done["merged"] == found["merged"]


def test_files_that_landed_before_do_not_land_again_after_tidying(crowded):
    patron("tidy", folder=crowded)
    shutil.copy(crowded / "data" / f"{DAYS[0]}.csv", crowded / "data" / "again.csv")
    assert patron("run", "--json", folder=crowded).json["rows_landed"] == 0


def test_a_run_tidies_up_where_a_table_has_too_many_small_files(crowded):
    run_daily(crowded, ["2024-04-06"])
    assert lake_files(crowded) == {"receipts": 1, "_rejected/receipts": 1}
    assert problems(crowded) == []


def test_a_run_tidies_up_once_a_day_at_most(five_days, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(five_days, tmp_path / "copy"))
    project = Project.load(folder)
    record = folder / ".patron" / "tidied.json"
    is_due = tidying._Steps(project, Lake(project.lake)).is_due
    assert not is_due()
    os.utime(record, (record.stat().st_mtime - 90_000,) * 2)
    assert is_due()
    record.unlink()
    assert is_due()


def test_files_that_a_reader_may_have_opened_stay_for_a_week(crowded):
    write(crowded, {}, settings(keep={"small_files": 2}, quarantine={"stop_above_rate": 1}))
    before = lake_files(crowded)
    done = patron("tidy", "--json", folder=crowded).json
    assert done["merged"]["receipts"] == 5
    assert lake_files(crowded) == {name: count + 1 for name, count in before.items()}
    assert problems(crowded) == []


@pytest.mark.parametrize("step", ["_expose", "_delete", "BronzeTable.merge_small_files", "History.merge_small_files"])
def test_tidying_that_dies_at_any_step_is_done_again(crowded, monkeypatch, step):
    before = gold(crowded, observed=True)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    homes = {"BronzeTable": BronzeTable, "History": History}
    owner, _, name = step.rpartition(".")
    home = homes.get(owner, tidying if step == "_delete" else tidying._Steps)
    with monkeypatch.context() as dying:
        dying.setattr(home, name, die)
        assert patron("tidy", folder=crowded).code == 130
    assert (gold(crowded, observed=True), problems(crowded)) == (before, [])
    assert patron("tidy", folder=crowded).code == 0
    assert lake_files(crowded) == {"receipts": 1, "_rejected/receipts": 1}
    assert (gold(crowded, observed=True), problems(crowded)) == (before, [])


def test_a_disk_that_refuses_to_tidy_up_does_not_spoil_a_run(crowded, monkeypatch):
    def full(_: BronzeTable) -> int:
        raise EngineError("no space left on the disk", where="here", do="free some")

    monkeypatch.setattr(BronzeTable, "merge_small_files", full)
    (crowded / "data" / "more.csv").write_text(lines_of("2024-04-06"), encoding="utf-8")
    outcome = patron("run", "--quiet", folder=crowded)
    assert outcome.code == 0
    assert "not tidied up: no space left on the disk" in outcome.out + outcome.err


def test_a_disk_that_is_full_after_publishing_does_not_spoil_a_run(crowded, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tidying, "write_atomically", full)
    (crowded / "data" / "more.csv").write_text(lines_of("2024-04-06"), encoding="utf-8")
    outcome = patron("run", "--quiet", folder=crowded)
    assert outcome.code == 0
    assert "not tidied up" in outcome.out + outcome.err


def test_leftovers_of_killed_runs_go(crowded):
    half = crowded / ".patron" / "lake" / "_staging" / "receipts.merged"
    half.mkdir(parents=True)
    (half / "part-0.parquet").write_bytes(b"half")
    patron("tidy", folder=crowded)
    assert not half.exists()


@pytest.mark.soak
def test_tidying_that_is_killed_at_any_moment_loses_and_doubles_nothing(five_days, tmp_path):
    draw, killed = random.Random(3), 0
    before = gold(five_days, observed=True)
    for number in range(12):
        folder = Path(shutil.copytree(five_days, tmp_path / f"copy {number}"))
        write(folder, {}, settings(keep=AT_ONCE, quarantine={"stop_above_rate": 1}))
        process = Forked("tidy", folder=folder)
        time.sleep(draw.uniform(0.05, 1.5))
        process.send(signal.SIGKILL)
        killed += process.wait().code != 0
        assert (gold(folder, observed=True), problems(folder)) == (before, [])
        assert patron("tidy", folder=folder).code == 0
        assert lake_files(folder) == {"receipts": 1, "_rejected/receipts": 1}
        assert (gold(folder, observed=True), problems(folder)) == (before, [])
    assert killed
