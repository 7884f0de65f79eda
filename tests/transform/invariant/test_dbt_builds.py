"""dbt alone takes in what lands, batch by batch, and its tables equal those of a full build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from invariant.feeds import Batch, batches, deliver, write_settings
from invariant.same_rows import find_differences
from patron.pipeline.dbt import land
from patron.project.project import Project

PATRON = (sys.executable, "-c", "from patron.cli.app import main; main()")
LAYERS = ("silver", "quarantine", "measures")
"""Gold is built in full by every build; tests/engines/test_dbt_alone compares it."""

WITHOUT = ("--exclude-resource-type", "test", "--exclude", "gold", "predictions", "semantic")


def patron(folder: Path, *words: str) -> str:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PATRON_")}
    done = subprocess.run([*PATRON, *words], cwd=folder, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


def build(folder: Path, *options: str) -> str:
    land(Project.load(folder))
    return patron(folder, "dbt", "build", *WITHOUT, *options)


def copy_to_build_in_full(folder: Path, target: Path) -> Path:
    """The same shop with the same landings, and no table yet."""
    ignored = shutil.ignore_patterns("warehouse.duckdb*", "built.json")
    return Path(shutil.copytree(folder, target, ignore=ignored))


def list_builds(folder: Path) -> list[tuple[int, int]]:
    """Of each complete build: the landings after which it began, and with which it ended. A full build begins after 0."""
    sql = "select since_batch, highest_batch from meta.dbt_builds where is_complete order by build_number"
    with duckdb.connect(str(folder / ".patron/warehouse.duckdb"), read_only=True) as engine:
        return engine.execute(sql).fetchall()


def each_batch_equals_full(folder: Path, feed: list[Batch], *, checked: int) -> None:
    """checked: how many of the last batches are compared with a full build."""
    shop, changes = folder / "shop", {}
    shop.mkdir()
    for number, batch in enumerate(feed):
        changes |= batch.changes
        write_settings(shop, changes)
        deliver(shop, number, batch)
        build(shop)
        if number >= len(feed) - checked:
            full = copy_to_build_in_full(shop, folder / f"full-{number}")
            build(full)
            assert find_differences(shop, full, LAYERS) == [], f"after batch {number}"
    assert len(list_builds(shop)) == len(feed)


TILL = [
    ["u,o1,1,2024-01-01 10:30:00,ann,p1,Mug,2,2.50,0,UK,web,completed,\n", "u,o2,1,2024-01-02 10:30:00,bob,p2,Plate,1,19.99,0.25,UK,shop,completed,spring\n"],
    ["u,o2,1,2024-01-09 10:30:00,cat,p3,Mug,1,19.99,0,France,shop,completed,\n", "u,o3,1,2024-02-01 09:30:00,ann,p1,Mug,1,1.00,0,UK,web,completed,\n", "u,o4,1,no such,ann,p1,Mug,1,1.00,0,UK,web,completed,\n"],
    ["d,o1,1,2024-01-01 10:30:00,ann,p1,Mug,2,2.50,0,UK,web,completed,\n", "u,o5,1,2024-01-17 09:30:00,dan,p2,Plate,-1,19.99,0,UK,shop,completed,\n"],
]  # fmt: skip
"""o2 moves to another customer, day and article; o1, whose day and customer have nothing else, is deleted; o5 is late."""

WEB = [["o9,2024-01-17 10:30:00,ann,p1,1,2.50\n"], [], ["o8,2024-01-02 10:30:00,bob,p2,3,1.00\n"]]
MEMBERS = [["ann,Ann,UK,2024-01-01 00:30:00,\n"], ["ann,Anna,France,2024-02-01 00:30:00,\n"], ["ann,,,,yes\n"]]
DESK = [["u,1,2024-01-02 10:30:00,ann,Billing,Pending\n"], ["d,1,2024-01-02 10:30:00,ann,Billing,Pending\n"], []]
CLICKS = [["2024-01-02 10:30:00,ann,ads,1,2.50,yes,no\n"], [], []]
CARDS = [["1,ann,Gold,10,2024-01-01\n"], ["1,ann,silver,10,2024-01-01\n"], []]


def feed_of_corrections() -> list[Batch]:
    parts = zip(TILL, WEB, MEMBERS, DESK, CLICKS, CARDS, strict=True)
    return [Batch(*part, copies=False) for part in parts]


def test_three_batches_equal_a_full_build(tmp_path):
    each_batch_equals_full(tmp_path, feed_of_corrections(), checked=1)
    first, second, third = list_builds(tmp_path / "shop")
    assert first[0] == 0
    assert (second[0], third[0]) == (first[1], second[1]), "each takes in what landed after the one before"


@pytest.mark.soak
@settings(
    max_examples=8, derandomize=True, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
@given(feed=batches(most=4))
def test_batches_however_drawn_equal_a_full_build(tmp_path_factory, feed):
    each_batch_equals_full(tmp_path_factory.mktemp("drawn"), feed, checked=3)
