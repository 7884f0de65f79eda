"""Random files, settings and queries: nothing crashes, hangs or vanishes. `python -m benchmarks.fuzz` tries many more."""

from __future__ import annotations

import os

import pytest
from benchmarks.fuzz.counting import Fuzzer, count, judge
from benchmarks.fuzz.files import Files
from benchmarks.fuzz.landings import Landings
from benchmarks.fuzz.settings import Settings
from benchmarks.fuzz.statements import Statements

from faults.projects import built
from patron.ingest.files.csv_records import Records
from patron.ingest.files.rejected_rows import Rejects

SEED = 19


@pytest.fixture(params=["files", "settings", "statements", "landings"])
def fuzzer(request, tmp_path) -> Fuzzer:
    """A fuzzer with a seed that is always the same."""
    made = tmp_path / "made"
    made.mkdir()
    if request.param == "statements":
        return Statements(SEED, built() / ".patron" / "published", made)
    return {"files": Files, "settings": Settings, "landings": Landings}[request.param](SEED, made)


FEW = {"files": 400, "settings": 120, "statements": 60, "landings": 1}
MANY = {"files": 20_000, "settings": 5_000, "statements": 3_000, "landings": 60}


def test_random_inputs_are_taken_whole_or_refused(fuzzer) -> None:
    results = [(number, *judge(fuzzer, number)) for number in range(FEW[fuzzer.name])]
    assert [result for result in results if result[2]] == []
    assert len({kind for _, kind, _ in results}) >= min(len(results), 4)


@pytest.mark.soak
def test_many_random_inputs_are_taken_whole_or_refused(fuzzer) -> None:
    assert count(fuzzer, range(1000, 1000 + MANY[fuzzer.name])).found == []


@pytest.mark.soak
@pytest.mark.real_data
def test_many_mutated_real_files_are_taken_whole_or_refused(tmp_path, real_data) -> None:
    assert count(Files(SEED, tmp_path, real_data), range(20_000)).found == []


def find_wrong(fuzzer: Fuzzer, numbers: int) -> list[str]:
    return [what for number in range(numbers) if (what := judge(fuzzer, number)[1])]


def test_a_rejected_row_that_is_forgotten_is_found(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Rejects, "add", lambda *_: None)
    assert any("lost" in what for what in find_wrong(Files(SEED, tmp_path), 60))


def test_a_block_of_rows_that_lands_twice_is_found(tmp_path, monkeypatch) -> None:
    plain = Records.cut_quickly

    def cut_twice(self, block):
        cut = plain(self, block)
        return cut and type(cut)(bytes(cut.rows) * 2, cut.used)

    monkeypatch.setattr(Records, "cut_quickly", cut_twice)
    assert any("more" in what or "rows instead of" in what for what in find_wrong(Files(SEED, tmp_path), 60))


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("select * from read_csv('{}/secret.csv')", "read a file outside"),
        ("copy (select 1) to '{}/new.csv'", "changed"),
    ],
)
def test_a_query_that_reads_or_writes_a_file_is_found(tmp_path, monkeypatch, sql, wrong) -> None:
    fuzzer = Statements(SEED, built() / ".patron" / "published", tmp_path)
    monkeypatch.setattr("patron.publish.reader._lock_down", lambda *_: None)
    monkeypatch.setattr("benchmarks.fuzz.statements.refuse_other_than_reading", lambda *_: None)
    monkeypatch.setattr(Statements, "make", lambda *_: ("grammar", sql.format(tmp_path)))
    assert wrong in judge(fuzzer, 0)[1]


def test_an_input_that_takes_too_long_is_a_hang(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.fuzz.counting.LONGEST_SECONDS", 0.05)
    monkeypatch.setattr(Files, "judge", lambda *_: [None for _ in iter(int, 1)])
    assert judge(Files(SEED, tmp_path), 0)[0] == "hang"


def test_a_process_that_dies_is_a_crash_and_the_rest_go_on(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Files, "judge", lambda _, number: os._exit(3) if number == 2 else ("fine", None))
    counts = count(Files(SEED, tmp_path), range(5))
    assert (counts.kinds, counts.found) == ({"fine": 4, "crash": 1}, [(2, "crash", "the process ended with 3")])
