"""Runs repeat beside the dashboard: every page that is painted shows one published state, whole, and none fails."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from patron.project.number_format import Formats
from patron.project.project import Project
from shops.building import BuiltShop, write_project

ORDER = "order_id,ordered_at,customer_id,product_id,product_name,quantity,unit_price\n"
COLUMNS = {name: name for name in ORDER.strip().split(",")}
SETTINGS = {
    "shop": {"name": "Corner", "currency": "GBP", "locale": "en_GB"},
    "sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": COLUMNS}}}},
}
FIRST, EACH = 25, 10


def order(number: int) -> str:
    return ORDER + f"{number},2024-02-{number % 28 + 1:02} 10:00:00,c{number % 7},mug,Mug,1,{EACH}\n"


class Runs(threading.Thread):
    """One order more, and a run, again and again."""

    def __init__(self, project: Project) -> None:
        super().__init__(daemon=True)
        self.project, self.done, self.failures = project, 0, []
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            number = FIRST + self.done
            (self.project.root / "data" / f"{number}.csv").write_text(order(number))
            command = [sys.executable, "-m", "patron", "run", "--quiet", "--project", str(self.project.root)]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode:
                self.failures.append(ended.stderr)
                return
            self.done += 1

    def end(self) -> None:
        self._stopped.set()
        self.join()


@pytest.fixture
def shop(tmp_path) -> Project:
    files = {f"{number}.csv": order(number) for number in range(FIRST)}
    built = BuiltShop(write_project(Path(tmp_path) / "shop", SETTINGS, files))
    built.run()
    return built.project


@pytest.mark.soak
def test_the_dashboard_is_right_while_runs_repeat_for_two_minutes(shop, screen):
    formats = Formats.of(shop.settings.shop)
    page = screen(shop)
    runs = Runs(shop)
    runs.start()
    seen, result = [], set()
    end = time.monotonic() + 120
    while (time.monotonic() < end or runs.done < 2) and not runs.failures:
        seen.append(page.open(period="2024-02").tile("Net revenue"))
        result |= {line for line in page.text().splitlines() if line.startswith("A run has been in progress")}
        page.open("data-health")
        page.open("customers")
    runs.end()
    assert runs.failures == []
    possible = [formats.money((FIRST + more) * EACH) for more in range(runs.done + 1)]
    places = [possible.index(value) for value in seen]
    assert places == sorted(places)
    assert places[-1] > places[0]
    assert result, "that a run is at work is never said"
