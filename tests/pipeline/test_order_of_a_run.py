"""That a run calls what it must, and in which order: each part is replaced by a note of its name."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace
from typing import Any

import pytest

from patron.errors import CheckFailedError
from patron.pipeline import build, run
from patron.pipeline.check import before_publishing
from patron.pipeline.progress import Stages
from patron.publish import snapshot
from patron.publish.snapshot import POINTER, load_current, publish
from patron.transform.quarantine import threshold
from patron.transform.state import BuildRecord, Built

GUARDS = [
    "refuse_future_as_of",
    "refuse_late_as_of",
    "refuse_unreadable_stamps",
    "refuse_uneven_stamps",
    "refuse_mixed_currencies",
    "refuse_first_row_values",
    "refuse_repeated_amounts",
    "refuse_contradictory_amounts",
    "refuse_double_counting",
    "refuse_shared_numbers",
    "refuse_replaced_orders",
    "refuse_totals_as_prices",
    "refuse_rates_as_discounts",
    "refuse_ambiguous_amounts",
]


def test_every_guard_of_money_is_asked_before_anything_is_published(monkeypatch):
    asked, since = [], {}
    for name in GUARDS:
        monkeypatch.setattr(
            before_publishing, name, lambda *given, name=name: asked.append(name) or since.update({name: given[-1]})
        )
    monkeypatch.setattr("patron.transform.render.source_schema.read_source_shapes", lambda *_: {})
    before_publishing.refuse_wrong_money(None, None, None, 7)
    assert asked == GUARDS
    assert {name for name, last in since.items() if last == 7} == {
        "refuse_first_row_values",
        "refuse_repeated_amounts",
        "refuse_shared_numbers",
        "refuse_replaced_orders",
        "refuse_totals_as_prices",
        "refuse_rates_as_discounts",
    }


DOUBTS = {
    "compare_stated_amounts": ("different",),
    "compare_order_totals": ("is_doubtful",),
    "compare_payments": ("different", "unknown"),
    "count_orders_without_lines": ("without_lines",),
    "find_contradictory_amounts": (),
    "find_excessive_refunds": (),
    "find_shared_numbers": (),
    "find_replaced_orders": (),
    "find_files_landed_again": (),
    "find_mixed_signs": (),
    "find_own_ids": (),
    "find_early_events": (),
    "find_future_events": (),
    "find_future_dates": (),
    "find_rate_gaps": (),
}


def listed_doubts(monkeypatch, *, is_doubtful: bool) -> list[str]:
    def doubt(name: str, marks: tuple[str, ...]) -> list[Any]:
        facts = dict.fromkeys(("different", "is_doubtful", "unknown", "without_lines"), False)
        facts |= dict.fromkeys(marks[:1], is_doubtful)
        return [SimpleNamespace(source="till", describe=lambda: name, **facts)] if is_doubtful or marks else []

    for name, marks in DOUBTS.items():
        monkeypatch.setattr(before_publishing, name, lambda *_, name=name, marks=marks: doubt(name, marks))
    single = SimpleNamespace(describe=lambda: "one") if is_doubtful else None
    monkeypatch.setattr(before_publishing, "find_late_events", lambda *_: single)
    monkeypatch.setattr(before_publishing, "find_shared_id", lambda *_: single)
    monkeypatch.setattr(before_publishing, "list_order_statuses", lambda *_: [])
    monkeypatch.setattr(before_publishing, "warn_if_none_counts", lambda _: "none counts" if is_doubtful else None)
    return list(before_publishing.list_doubts(None, None, None))


def test_every_doubt_is_told_and_nothing_where_there_is_none(monkeypatch):
    assert listed_doubts(monkeypatch, is_doubtful=False) == []
    told = listed_doubts(monkeypatch, is_doubtful=True)
    assert told[0] == "none counts"
    assert told.count("one") == 2
    assert {line.removeprefix("till: ").partition(";")[0] for line in told} == {"none counts", "one", *DOUBTS}


# The order of writes


class Noted:
    """A builder that notes what is asked of it."""

    def __init__(self, notes: list[str]) -> None:
        self.notes, self.outcomes, self.seconds = notes, [], {}

    def __call__(self, *_: Any, **__: Any) -> Noted:
        return self

    def expose(self, _: str) -> None:
        self.notes.append("expose")

    def plan(self, _: Any) -> Any:
        self.notes.append("plan")
        return SimpleNamespace(full=frozenset(), unchanged=frozenset(), reasons=[], since_batch=7)

    def build(self, _plan: Any, _select: Any, _steps: Any, check_rows: Any) -> list[Any]:
        check_rows()
        self.notes.append("build")
        return []

    def remember(self) -> None:
        self.notes.append("remember labels")

    def finish(self, _: str) -> str:
        self.notes.append("record the build")
        return "2024-01-01"

    def finish_selection(self, _: str) -> None:
        self.notes.append("record the selection")


@pytest.fixture
def notes(monkeypatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(build, "Builder", Noted(found))
    monkeypatch.setattr(snapshot, "publish", lambda *_, **__: found.append("publish"))
    monkeypatch.setattr(threshold, "enforce_threshold", lambda *_: found.append("count bad rows"))
    monkeypatch.setattr(run, "refuse_wrong_money", lambda *given: found.append(f"check money since {given[-1]}"))
    monkeypatch.setattr(run, "list_doubts", lambda *_: found.append("list doubts") or [])
    monkeypatch.setattr(run, "read_money", lambda _: [])
    monkeypatch.setattr(run, "list_gold_tables", lambda _: [])
    monkeypatch.setattr(run.Runner, "_manifest", lambda *_: SimpleNamespace(write=None))
    return found


def build_in_a_run(select: str | None = None) -> None:
    runner = object.__new__(run.Runner)
    keep = SimpleNamespace(snapshots=2, snapshot_days=0)
    shop = SimpleNamespace(shop=SimpleNamespace(currency="GBP"), keep=keep)
    runner.project = SimpleNamespace(settings=shop, published=None)
    runner.lake, runner.record, runner.preload, runner.stages = None, None, None, Stages()
    runner.warehouse = SimpleNamespace(hold_open=contextlib.nullcontext)
    report = SimpleNamespace(landed={}, reason="", warnings=[], count=lambda *_: None)
    runner._build(report, SimpleNamespace(as_of="latest"), "f", False, select)


def test_rows_are_judged_before_the_build_and_the_build_is_on_record_before_the_pointer_is_swapped(notes):
    build_in_a_run()
    assert notes == [
        *("expose", "plan", "count bad rows", "check money since 7", "build"),
        *("list doubts", "remember labels", "record the build", "publish"),
    ]


def test_a_selection_is_not_published(notes):
    build_in_a_run("customer_360")
    assert notes[-1] == "record the selection"
    assert "publish" not in notes


class Tables:
    """A warehouse of one table, to be exported."""

    def contents(self, _schema: str, tables: list[str]) -> dict[str, str]:
        return dict.fromkeys(tables, "x")

    def export(self, _schema: str, tables: list[str], folder: Any) -> dict[str, int]:
        for table in tables:
            (folder / f"{table}.parquet").write_bytes(b"rows")
        return dict.fromkeys(tables, 1)


def test_a_pointer_names_what_is_already_written_and_described(tmp_path):
    def describe(folder: Any, rows: dict[str, int]) -> None:
        assert rows == {"orders": 1}
        assert (folder / "orders.parquet").exists()
        assert not (tmp_path / POINTER).exists(), "readers would open a snapshot without its manifest"
        (folder / "about.json").write_text("{}")

    found = publish(Tables(), tmp_path, ["orders"], fingerprint="f", as_of="2024-01-01", write_beside=describe)
    assert load_current(tmp_path) == found
    assert set(found.files) == {"about.json", "orders.parquet"}
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in (tmp_path / found.name).iterdir())


def test_a_manifest_that_cannot_be_written_leaves_no_pointer(tmp_path):
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match="No space left"):
        publish(Tables(), tmp_path, ["orders"], fingerprint="f", as_of="2024-01-01", write_beside=full)
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_has_begun_is_not_complete_until_it_ends(tmp_path):
    record = BuildRecord(tmp_path / "built.json")
    built = Built("w", 1, "f", 7, "2024-01-01", {}, {})
    record.end(built)
    record.begin(["orders"])
    assert BuildRecord(record.path).fingerprint == ""
    record.end(built)
    assert BuildRecord(record.path).fingerprint == "f"


# Which rows are judged again


@pytest.fixture
def judged(monkeypatch, tmp_path) -> Any:
    """A function that judges rows under a mapping; it returns the landing after which rows are judged."""
    asked: list[int] = []
    state = SimpleNamespace(state=tmp_path)
    (tmp_path / "bad_rows").mkdir()
    monkeypatch.setattr(threshold, "_keep", lambda *_: None)
    monkeypatch.setattr(threshold, "_compute_shares", lambda _p, _l, _w, since: asked.append(since) or [])
    monkeypatch.setattr(threshold, "_counts", lambda *_: ({}, {}))

    def judge(mapping: str, next_batch: int, *, stops: bool = False) -> int:
        def stop(*_: Any) -> None:
            if stops:
                raise CheckFailedError("too many")

        monkeypatch.setattr(threshold, "hash_mapping", lambda _: mapping)
        monkeypatch.setattr(threshold, "_stop_if_too_many", stop)
        with contextlib.suppress(CheckFailedError):
            threshold.enforce_threshold(state, SimpleNamespace(next_batch_id=lambda: next_batch), None)
        return asked[-1]

    return judge


def test_new_rows_are_judged_and_all_of_them_after_a_change_of_the_mapping(judged):
    assert judged("first", 5) == 0
    assert judged("first", 9) == 4
    assert judged("second", 9) == 0
    assert judged("second", 12) == 8


def test_rows_that_stopped_a_run_are_judged_again(judged):
    assert judged("first", 5) == 0
    assert judged("first", 9, stops=True) == 4
    assert judged("first", 9) == 4
    assert judged("first", 9) == 8


def settings_of(**changed: Any) -> Any:
    """Settings as far as they decide which rows are bad."""
    facts = {
        "entities": "e",
        "null_values": "n",
        "timezone": "UTC",
        "future_events": False,
        "events_before": None,
    } | changed
    source = SimpleNamespace(model_dump=lambda mode, include: {name: facts[name] for name in sorted(include)})
    limits = SimpleNamespace(model_dump=lambda mode, include: {name: facts[name] for name in sorted(include)})
    shop = SimpleNamespace(timezone=facts["timezone"])
    return SimpleNamespace(settings=SimpleNamespace(sources={"till": source}, shop=shop, quarantine=limits))


@pytest.mark.parametrize("name", ["entities", "null_values", "timezone", "future_events", "events_before"])
def test_whatever_decides_which_rows_are_bad_is_a_change_of_the_mapping(name):
    assert threshold.hash_mapping(settings_of()) == threshold.hash_mapping(settings_of())
    assert threshold.hash_mapping(settings_of()) != threshold.hash_mapping(settings_of(**{name: "other"}))


def test_the_share_of_bad_rows_is_on_record(judged, tmp_path):
    judged("first", 5)
    kept = json.loads((tmp_path / "bad_rows" / "account.json").read_text())
    assert (kept["mapping"], kept["batch_id"]) == ("first", 4)
