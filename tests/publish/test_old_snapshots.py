"""Old snapshots stay as long as the policy says, and as long as somebody reads them."""

from __future__ import annotations

import datetime as dt
import gc
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from patron.publish.old_snapshots import find_old_snapshots
from patron.publish.reader import open_published
from patron.publish.snapshot import Snapshot, publish

NOW = dt.datetime(2024, 3, 10, 12, tzinfo=dt.UTC)
DAILY = [f"202403{day:02}T120000000000Z" for day in range(1, 11)]


class OneTable:
    """A warehouse with a table of one number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def contents(self, schema: str, tables: list[str]) -> dict[str, str]:
        return dict.fromkeys(tables, f"{self.number}")

    def export(self, schema: str, tables: list[str], folder: Path) -> dict[str, int]:
        for table in tables:
            duckdb.sql(f"copy (select {self.number} as n) to '{folder / table}.parquet' (format parquet)")
        return dict.fromkeys(tables, 1)


def published(folder: Path, number: int) -> Snapshot:
    return publish(OneTable(number), folder, ["counts"], fingerprint=str(number), as_of="2024-01-01")


@pytest.fixture
def daily(tmp_path: Path) -> Path:
    for name in DAILY:
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("at_least", "days", "stay"),
    [(2, 0, 2), (5, 0, 5), (2, 3.5, 4), (6, 3.5, 6), (20, 0, 10), (2, 365, 10)],
)
def test_the_newest_stay_and_the_younger_than_the_limit(daily, at_least, days, stay):
    old = find_old_snapshots(daily, {DAILY[-1]}, at_least=at_least, days=days, now=NOW)
    assert [path.name for path in old] == DAILY[: 10 - stay]


def test_a_snapshot_later_than_the_current_one_was_never_finished(daily):
    old = find_old_snapshots(daily, {DAILY[-2]}, at_least=20, days=365, now=NOW)
    assert [path.name for path in old] == [DAILY[-1]]


def test_the_previous_snapshot_stays_where_the_clock_was_set_back(daily):
    old = find_old_snapshots(daily, {DAILY[3], DAILY[-1]}, at_least=2, days=0, now=NOW)
    assert {DAILY[3], DAILY[-1]}.isdisjoint(path.name for path in old)


def test_a_snapshot_stays_through_any_number_of_publishes_while_it_is_read(tmp_path):
    first = published(tmp_path, 0)
    connection = open_published(tmp_path)
    for number in range(1, 5):
        published(tmp_path, number)
    assert connection.execute("select n from counts").fetchone() == (0,)
    assert len(list(tmp_path.glob("*Z"))) == 3
    del connection
    gc.collect()
    published(tmp_path, 5)
    assert not (tmp_path / first.name).exists()


def test_a_reader_that_was_killed_keeps_nothing(tmp_path):
    first = published(tmp_path, 0)
    code = (
        "import sys, pathlib, time\n"
        "from patron.publish.reader import open_published\n"
        "connection = open_published(pathlib.Path(sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        published(tmp_path, 1)
        published(tmp_path, 2)
        assert (tmp_path / first.name).exists()
        reader.kill()
    published(tmp_path, 3)
    assert not (tmp_path / first.name).exists()
