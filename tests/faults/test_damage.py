"""A disk that forgets: lake, warehouse and published tables are damaged; each is reported, and can be recovered from."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.projects import GOOD, HEADER, copy_of_built, findings, forked, gold, patron, problems, row, write
from patron.lake import Lake
from patron.pipeline.check.check import check
from patron.project.project import Project
from patron.publish.snapshot import POINTER, load_current

ENGINE, NOTHING_BUILT = 6, 7
NEW = HEADER + row()


def lake(folder: Path) -> Path:
    return folder / ".patron" / "lake" / "receipts"


def data_file(folder: Path) -> Path:
    (file,) = lake(folder).glob("*.parquet")
    return file


def flip(path: Path, place: float = 0.5) -> None:
    """Eight bytes of a file, the other way round."""
    content = bytearray(path.read_bytes())
    at = int(len(content) * place)
    content[at : at + 8] = bytes(byte ^ 0xFF for byte in content[at : at + 8])
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def follow(advice: str, folder: Path) -> None:
    """Do what the error says: move the folder aside, run again from the start."""
    assert f"move {lake(folder)} aside and run `patron run --full-refresh`" in advice
    shutil.move(lake(folder), folder / "aside")
    outcome = patron("run", "--full-refresh", "--json", folder=folder)
    assert outcome.code == 0, outcome.err
    assert problems(folder) == []


# The lake's data files


def test_a_flipped_byte_wherever_it_is_shows(tmp_path):
    folder = copy_of_built(tmp_path)
    content = data_file(folder).read_bytes()
    for place in (0.01, 0.3, 0.6, 0.99):
        flip(data_file(folder), place)
        with pytest.raises(Exception, match="has changed since it was written"):
            Lake(folder / ".patron" / "lake").table("receipts").check_files()
        data_file(folder).write_bytes(content)
    Lake(folder / ".patron" / "lake").table("receipts").check_files()


@pytest.mark.parametrize("spoil", [flip, *(pytest.param(how, marks=pytest.mark.soak) for how in (Path.unlink, cut))])
def test_a_damaged_data_file_is_named_and_landing_again_gives_the_same_gold(tmp_path, spoil: Callable):
    folder = copy_of_built(tmp_path)
    before, pointer = gold(folder), load_current(folder / ".patron" / "published")
    file = data_file(folder)
    spoil(file)
    checked = [finding["detail"] for finding in findings(folder) if finding["section"] == "files"]
    assert file.name in checked[0]
    assert f"move {lake(folder)} aside" in checked[0]
    assert patron("check", folder=folder).code == 5
    for words in (("--full-refresh",), ()):
        if not words:
            write(folder, {"new.csv": NEW})
        stopped = patron("run", "--quiet", *words, folder=folder)
        assert (stopped.code, "Traceback" in stopped.err) == (ENGINE, False)
        assert str(file) in stopped.err
        assert load_current(folder / ".patron" / "published") == pointer
        assert gold(folder) == before
        assert patron("query", "select count(*) from customer_360", folder=folder).code == 0
    (folder / "data" / "new.csv").unlink()
    follow(stopped.err, folder)
    assert gold(folder) == before


def test_a_file_in_the_lake_that_is_damaged_is_not_rewritten(tmp_path):
    """Widening reads the old files; what it reads must be what was written."""
    folder = copy_of_built(tmp_path)
    table = Lake(folder / ".patron" / "lake").table("receipts")
    flip(data_file(folder))
    with pytest.raises(Exception, match="has changed since it was written"):
        table._rewrite(table.schema())


def test_rejected_rows_that_are_damaged_are_reported_and_land_again(tmp_path):
    folder = write(tmp_path, {"good.csv": GOOD + "cut,short\n"})
    assert patron("run", "--quiet", folder=folder).code == 0
    before = gold(folder)
    rejected = lake(folder).parent / "_rejected" / "receipts"
    (file,) = rejected.glob("*.parquet")
    flip(file)
    (detail,) = [finding["detail"] for finding in findings(folder) if finding["status"] == "fail"]
    assert str(file) in detail
    assert f"move {rejected} and {lake(folder)} aside" in detail
    for number, path in enumerate((rejected, lake(folder))):
        shutil.move(path, folder / f"aside{number}")
    assert patron("run", "--full-refresh", "--quiet", folder=folder).code == 0
    assert problems(folder) == []
    assert gold(folder) == before


# The lake's log


def grown(tmp_path: Path) -> Path:
    """A project whose lake has had three landings."""
    folder = copy_of_built(tmp_path)
    for number in (2, 3):
        write(folder, {f"{number}.csv": HEADER + row(order_id=f"{number}00")})
        assert patron("run", "--quiet", folder=folder).code == 0
    return folder


def garble(path: Path) -> None:
    path.write_bytes(b"\x00\xff" * 200)


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> Path:
    return grown(tmp_path_factory.mktemp("three"))


@pytest.mark.parametrize(
    ("number", "spoil"),
    [
        (1, garble),
        *(pytest.param(n, how, marks=pytest.mark.soak) for n, how in ((0, Path.unlink), (2, cut), (1, Path.unlink))),
    ],
)
def test_a_damaged_log_is_named_and_landing_again_gives_the_same_gold(three, tmp_path, number, spoil):
    folder = Path(shutil.copytree(three, tmp_path / "spoiled"))
    before = gold(folder)
    entry = lake(folder) / "_delta_log" / f"{number:020}.json"
    spoil(entry)
    assert str(entry) in " ".join(finding["detail"] for finding in findings(folder))
    write(folder, {"new.csv": NEW})
    for words in (("--full-refresh",), ()):
        stopped = patron("run", "--quiet", *words, folder=folder)
        assert (stopped.code, "Traceback" in stopped.err) == (ENGINE, False)
        assert str(entry) in stopped.err
        assert gold(folder) == before
    (folder / "data" / "new.csv").unlink()
    follow(stopped.err, folder)
    assert gold(folder) == before


def empty(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize("spoil", [empty, pytest.param(Path.unlink, marks=pytest.mark.soak)])
def test_a_last_landing_that_the_log_forgot_lands_again(three, tmp_path, spoil: Callable):
    """As after a power failure: the last commit's entry is empty, or was never there."""
    folder = Path(shutil.copytree(three, tmp_path / "forgot"))
    before = gold(folder)
    spoil(lake(folder) / "_delta_log" / f"{2:020}.json")
    assert any(problem.startswith("settings patron.yaml") for problem in problems(folder))
    assert patron("run", "--json", folder=folder).json["rows_landed"] == 1
    assert problems(folder) == []
    assert gold(folder) == before


def test_another_landing_in_the_place_of_the_one_that_was_forgotten_is_new(three, tmp_path):
    folder = Path(shutil.copytree(three, tmp_path / "another"))
    (lake(folder) / "_delta_log" / f"{2:020}.json").unlink()
    (folder / "data" / "3.csv").write_text(HEADER + row(order_id="400", customer_id="c7"))
    assert patron("run", "--json", folder=folder).json["rebuilt"] is True
    assert problems(folder) == []


# The warehouse


def warehouse(folder: Path) -> Path:
    return folder / ".patron" / "warehouse.duckdb"


def overwrite(path: Path) -> None:
    path.write_bytes(b"this is no database" * 10_000)


@pytest.mark.parametrize(
    "spoil", [flip, *(pytest.param(how, marks=pytest.mark.soak) for how in (overwrite, cut, empty))]
)
def test_a_damaged_warehouse_is_reported_and_one_command_rebuilds_it(tmp_path, spoil: Callable):
    folder = copy_of_built(tmp_path)
    before = gold(folder)
    place = (0.0005,) if spoil is flip else ()  # in DuckDB's first metadata, so that no run can go on
    spoil(warehouse(folder), *place)
    for command in ("run", "check"):
        stopped = patron(command, folder=folder)
        assert (stopped.code, "Traceback" in stopped.err) == (ENGINE, False)
        assert str(warehouse(folder)) in stopped.err
        assert "run `patron run --full-refresh`: it is rebuilt from the lake" in stopped.err
    assert gold(folder) == before
    assert patron("run", "--full-refresh", "--quiet", folder=folder).code == 0
    assert problems(folder) == []
    assert gold(folder) == before


def test_a_damaged_block_that_check_meets_is_reported(tmp_path):
    folder = copy_of_built(tmp_path)
    with warehouse(folder).open("r+b") as file:
        for block in range(10, 13):
            file.seek(12288 + block * 262144 + 5000)
            file.write(b"\xa5" * 3000)
    assert any("The warehouse is damaged" in problem and "--full-refresh" in problem for problem in problems(folder))


# The clock


CLOCK = """
import datetime as real, patron.publish.snapshot as s, patron.ingest.files.land as f, types
class Earlier(real.datetime):
    @classmethod
    def now(cls, tz=None):
        return real.datetime(2020, 5, 17, 12, tzinfo=tz)
s.dt = types.SimpleNamespace(datetime=Earlier, UTC=real.UTC, timedelta=real.timedelta)
f.datetime = Earlier
"""


@pytest.mark.soak
def test_a_clock_that_was_set_back_changes_no_number(tmp_path):
    """And that stands still: two snapshots within one tick have two names."""
    folder, twin = copy_of_built(tmp_path), write(tmp_path / "twin")
    first = load_current(folder / ".patron" / "published")
    for number in (2, 3):
        for project in (folder, twin):
            write(project, {f"{number}.csv": HEADER + row(order_id=f"{number}00")})
        outcome = forked("run", "--json", folder=folder, first=CLOCK)
        assert outcome.code == 0, outcome.err
        assert outcome.json["rows_landed"] == 1
        snapshot = load_current(folder / ".patron" / "published")
        assert snapshot is not None
        assert snapshot.name.startswith("20200517T12000000000")
        assert snapshot.name != first.name
        assert outcome.json["snapshot"] == snapshot.name
        first = snapshot
    again = forked("run", "--json", folder=folder, first=CLOCK).json
    assert (again["rows_landed"], again["rebuilt"]) == (0, False)
    assert problems(folder) == []
    assert patron("run", "--quiet", folder=twin).code == 0
    assert gold(folder) == gold(twin)


def test_rows_that_landed_in_the_future_are_a_warning(tmp_path):
    folder = copy_of_built(tmp_path)
    report = check(Project.load(folder), now=dt.datetime(2020, 5, 17, tzinfo=dt.UTC))
    assert not report.failed
    (warned,) = [one for one in report.findings if one.name == "receipts by arrival"]
    assert warned.status == "warn"
    assert "the clock was set back" in warned.detail


# What readers follow


@pytest.mark.parametrize(
    "text",
    [
        *(b"{", b"gone"),
        *(
            pytest.param(text, marks=pytest.mark.soak)
            for text in (b"", b"\x00\xff\x80", b"[1]", b'{"name": 5}', b"null")
        ),
        *(pytest.param(text, marks=pytest.mark.soak) for text in (b"nameless", b"tableless")),
    ],
)
def test_a_damaged_pointer_is_reported_and_the_next_run_fixes_it(tmp_path, text, request):
    folder = copy_of_built(tmp_path)
    before = gold(folder)
    pointer = folder / ".patron" / "published" / POINTER
    content = json.loads(pointer.read_text())
    changes = {b"gone": {"name": "20000101T000000000000Z"}, b"nameless": {"name": ""}, b"tableless": {"tables": 3}}
    pointer.write_bytes(json.dumps({**content, **changes[text]}).encode() if text in changes else text)
    for words in (("query", "select 1"), ("profile", "c1"), ("tables",)):
        outcome = patron(*words, folder=folder)
        assert (outcome.code, "Traceback" in outcome.err) == (NOTHING_BUILT, False)
        assert "pointer is damaged, or the folder that it names is missing" in outcome.err
        assert "run `patron run`" in outcome.err
    if text in (b"{", b"gone", b"tableless"):
        outcome = patron("run", "--json", folder=folder)
        assert outcome.code == 0, outcome.err
        assert outcome.json["rows_landed"] == 0
        assert gold(folder) == before
        assert problems(folder) == []


def test_a_snapshot_folder_that_is_gone_is_published_again(tmp_path):
    folder = copy_of_built(tmp_path)
    before = gold(folder)
    published = folder / ".patron" / "published"
    shutil.rmtree(published / load_current(published).name)
    outcome = patron("query", "select 1", folder=folder)
    assert (outcome.code, "the folder that it names is missing" in outcome.err) == (NOTHING_BUILT, True)
    assert patron("run", "--quiet", folder=folder).code == 0
    assert gold(folder) == before


# Tables that are files


MANY = HEADER + "".join(row(order_id=f"m{number}", customer_id=f"c{number % 50}") for number in range(1000))
"""Of a lake of so many lines, tables are files."""


def table_file(folder: Path, name: str) -> Path:
    (file,) = (folder / ".patron" / "warehouse.tables").glob(f"{name}-*.parquet")
    return file


@pytest.mark.parametrize("spoil", [flip, *(pytest.param(how, marks=pytest.mark.soak) for how in (Path.unlink, cut))])
def test_a_damaged_table_is_reported_and_the_next_build_makes_it_again(tmp_path, spoil: Callable):
    folder, twin = (write(tmp_path / name, {"good.csv": GOOD, "many.csv": MANY}) for name in ("shop", "twin"))
    assert patron("run", "--quiet", folder=folder).code == 0
    spoil(table_file(folder, "measures.calendar"))
    assert any("measures.calendar" in problem and "--full-refresh" in problem for problem in problems(folder))
    for project in (folder, twin):
        write(project, {"new.csv": NEW})
    outcome = patron("run", "--json", folder=folder)
    assert outcome.code == 0, outcome.err
    assert "tables of the warehouse were damaged: measures.calendar" in outcome.json["reason"]
    assert patron("run", "--quiet", folder=twin).code == 0
    assert gold(folder) == gold(twin)
    assert problems(folder) == []
