"""What customers were called: kept by day, whatever order the days are observed in, and through every rebuild."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil

import pytest

from faults.projects import HEADER, gold, patron, row, settings, write
from patron.pipeline.check.check import check
from patron.project.project import Project

DAYS = ("2024-02-10", "2024-03-10", "2024-06-10", "2024-09-10")
LABELS = ("segment", "clv_tier", "churn_group")
VISITS = {
    "ann": ["2024-01-05", "2024-02-05", "2024-03-05", "2024-06-05", "2024-09-05"],
    "bob": ["2024-01-06", "2024-01-09"],
    "cat": ["2024-03-01"],
    "dan": ["2024-05-20", "2024-05-21", "2024-06-09"],
    "eve": ["2024-01-20", "2024-08-30"],
}
LINES = HEADER + "".join(
    row(order_id=f"{who}{n}", customer_id=who, ordered_at=f"{day} 10:00:00", unit_price=str(3 + n))
    for who, days in VISITS.items()
    for n, day in enumerate(days)
)


def run_at(folder, day: str, *more: str) -> dict[str, tuple]:
    """Observe a day; gives each buyer's labels on it."""
    outcome = patron("run", "--as-of", day, "--quiet", *more, folder=folder)
    assert outcome.code == 0, outcome.err
    sql = f"select customer_id, {', '.join(LABELS)} from fct_customer_metrics"
    rows = patron("query", sql, "--json", folder=folder).json
    return {found["customer_id"]: tuple(found[label] for label in LABELS) for found in rows}


def expected(observed: dict[str, dict[str, tuple]]) -> tuple[set, dict]:
    """History and moves from the labels of each day, told by hand."""
    history, moves, days = set(), {}, sorted(observed)
    for who in {name for labels in observed.values() for name in labels}:
        runs = [
            (labels, next(group)) for labels, group in itertools.groupby(days, key=lambda day: observed[day].get(who))
        ]
        for place, (labels, day) in enumerate(runs):
            until = runs[place + 1][1] if place + 1 < len(runs) else None
            if labels is not None:
                history.add((who, day, until, until is None, *labels))
        before = None
        for day in days:
            now = observed[day].get(who, (None,))[0]
            if now != before and day != days[0]:
                moves[day, before, now] = moves.get((day, before, now), 0) + 1
            before = now
    return history, moves


def read_history(folder) -> tuple[set, dict]:
    tables = gold(folder, observed=True)
    history = {tuple(str(v) if isinstance(v, dt.date) else v for v in found) for found in tables["customer_history"]}
    return history, {(str(day), a, b): count for day, a, b, count in tables["segment_moves"]}


@pytest.mark.parametrize(
    "order",
    [
        (3, 0, 2, 1),
        pytest.param((0, 1, 2, 3), marks=pytest.mark.soak),
        pytest.param((1, 3, 1, 0, 2), marks=pytest.mark.soak),
    ],
)
def test_history_is_what_was_observed_whatever_the_order(tmp_path, order):
    folder = write(tmp_path, {"lines.csv": LINES})
    observed = {DAYS[place]: run_at(folder, DAYS[place]) for place in order}
    assert read_history(folder) == expected(observed)
    assert len(read_history(folder)[1]) > 6


def test_history_outlives_the_warehouse(tmp_path):
    folder = write(tmp_path, {"lines.csv": LINES})
    observed = {day: run_at(folder, day) for day in DAYS[:3]}
    run_at(folder, DAYS[2], "--full-refresh")
    (folder / ".patron" / "warehouse.duckdb").unlink()
    run_at(folder, DAYS[2])
    assert read_history(folder) == expected(observed)
    failed = check(Project.load(folder).with_as_of(DAYS[2]), against_full=True).failed
    assert [f for f in failed if f.section not in ("freshness", "settings")] == []


def test_what_was_known_then_stays_and_what_is_deleted_ends(tmp_path):
    lines = {
        "files": "**/*.csv",
        "entities": {
            "order_lines": {
                "key": ["order_id"],
                "deleted_when": "unit_price = 'gone'",
                "columns": {name: name for name in HEADER.strip().split(",")},
            }
        },
    }
    folder = write(tmp_path, {"lines.csv": LINES}, settings(sources={"receipts": lines}))
    run_at(folder, DAYS[1])
    first = read_history(folder)[0]
    gone = HEADER + row(order_id="cat0", unit_price="gone", ordered_at="")
    (folder / "data" / "gone.csv").write_text(gone)
    run_at(folder, DAYS[2])
    history, moves = read_history(folder)
    ended = {(who, since) for who, since, until, *_ in history if until == DAYS[2]}
    assert ("cat", DAYS[1]) in ended
    assert sum(count for (_, _, to), count in moves.items() if to is None) == 1
    assert {(who, since) for who, since, *_ in first} <= {(who, since) for who, since, *_ in history}
    assert patron("history", "ann", "--json", folder=folder).json[0]["valid_from_date"] == DAYS[1]


def test_the_command(tmp_path):
    folder = write(tmp_path, {"lines.csv": LINES})
    assert patron("history", "ann", folder=folder).code == 7
    for day in DAYS:
        run_at(folder, day)
    shown = patron("history", "eve", folder=folder).out
    assert "2024-02-10" in shown
    assert "Churned" in shown
    assert "now" in shown
    unknown = patron("history", "evee", folder=folder)
    assert (unknown.code, "eve" in unknown.err) == (3, True)
    shutil.rmtree(folder)
