"""Bad rows: shown by kind, taken again once the mapping is mended, and, where they are too many, a reason to stop."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from faults.projects import (
    GOOD,
    HEADER,
    copy_of_built,
    findings,
    forked,
    gold,
    patron,
    problems,
    row,
    settings,
    source,
    write,
)
from patron.errors import CheckFailedError, NothingBuiltError, SettingsError
from patron.lake import Lake
from patron.pipeline.replay import replay
from patron.pipeline.run import run
from patron.project.project import Project
from patron.transform.quarantine import threshold as bad_rows
from patron.transform.quarantine.kinds import Kind
from patron.transform.quarantine.report import quarantine

BAD = HEADER + (
    row(quantity="two")
    + row(quantity="1e18")
    + row(quantity="this is no number")
    + row(ordered_at="31/02/2024 10:00")
    + row(order_id="")
    + row(quantity="10000000", unit_price="20000000")
    + row(product_name='"5 inch nail')  # line 8
    + "4,5,6\n"
)
"""Six rows that do not fit, two that do not read."""

KINDS = [
    ("quarantined", "order_lines", "quantity", "not a valid decimal(18, 4)", 3),
    ("quarantined", "order_lines", "order_id", "required, but blank", 1),
    ("quarantined", "order_lines", "ordered_at", "not a valid timestamp", 1),
    ("quarantined", "order_lines", None, "quantity x unit_price has more than 13 digits", 1),
    ("unreadable", None, None, "a quote is opened and not closed", 1),
    ("unreadable", None, None, "not 7 columns", 1),
]


def mend(folder: Path, **changes: Any) -> Project:
    """Write patron.yaml anew."""
    (folder / "patron.yaml").write_text(json.dumps(settings(**changes)), encoding="utf-8")
    return Project.load(folder)


def run_project(folder: Path, files: dict[str, str | bytes], yaml: dict[str, Any] | None = None) -> Project:
    project = Project.load(write(folder, files, yaml))
    run(project)
    return project


MOSTLY_BAD = settings(quarantine={"stop_above_rate": 1})


@pytest.fixture(scope="module")
def bad(tmp_path_factory) -> Path:
    """A shop with five good rows, six in quarantine and two that do not read; only looked at."""
    folder = tmp_path_factory.mktemp("bad")
    run_project(folder, {"good.csv": GOOD, "bad.csv": BAD}, MOSTLY_BAD)
    return folder


def test_kinds_are_counted_and_not_values(bad):
    kinds = quarantine(Project.load(bad)).kinds
    assert [(kind.kind, kind.entity, kind.column, kind.reason, kind.rows) for kind in kinds] == KINDS
    assert all(kind.files == {"bad.csv": kind.rows} for kind in kinds)


def test_samples_are_the_first_rows_as_they_came(bad):
    kinds = quarantine(Project.load(bad), samples=2).kinds
    assert [sample["raw"]["quantity"] for sample in kinds[0].samples] == ["two", "1e18"]
    assert kinds[0].samples[0]["reason"] == "quantity: two is not a valid decimal(18, 4)"
    assert kinds[-1].samples == [
        {"file": "bad.csv", "line": 9, "reason": "3 columns instead of 7", "raw": "4,5,6"},
    ]


def test_the_command_shows_the_same(bad):
    output = patron("quarantine", "--limit", "1", folder=bad).out
    assert "3 x order_lines.quantity: not a valid decimal(18, 4)" in output
    assert "in bad.csv (3)" in output
    assert "two is not a valid decimal" in output
    assert "1e18" not in output
    assert "bad.csv:9 4,5,6" in output
    assert "6 rows quarantined and 2 unreadable" in output
    assert "fix the mapping" in output
    assert "patron replay" in output
    listed = patron("quarantine", "--json", folder=bad).json
    assert (listed["rows_quarantined"], listed["rows_unreadable"]) == (6, 2)
    assert [kind["rows"] for kind in listed["kinds"]] == [3, 1, 1, 1, 1, 1]


def test_one_source_only(tmp_path):
    two = {"one": source("one.csv"), "two": source("two.csv")}
    project = run_project(
        tmp_path, {"one.csv": GOOD + row(quantity="x"), "two.csv": GOOD + row(quantity="y")}, settings(sources=two)
    )
    assert [kind.source for kind in quarantine(project).kinds] == ["one", "two"]
    assert [kind.source for kind in quarantine(project, source="two").kinds] == ["two"]
    assert [each.source for each in replay(project, source="two").quarantined] == ["two"]
    outcome = patron("quarantine", "--source", "tow", folder=tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert "did you mean 'two'?" in outcome.err
    with pytest.raises(SettingsError):
        replay(project, source="tow")


def test_before_the_first_run_there_is_nothing(tmp_path):
    write(tmp_path)
    for verb in ("quarantine", "replay"):
        outcome = patron(verb, "--json", folder=tmp_path)
        assert (outcome.code, outcome.json["error"]) == (7, "nothing_built")
    with pytest.raises(NothingBuiltError):
        quarantine(Project.load(tmp_path))


def test_a_shop_without_bad_rows_says_so(tmp_path):
    folder = copy_of_built(tmp_path)
    assert "There are no bad rows" in patron("quarantine", folder=folder).out
    assert "There were no bad rows" in patron("replay", "--quiet", folder=folder).out
    assert patron("replay", "--json", folder=folder).json["quarantined"] == []


def test_looking_waits_for_no_run(bad):
    from patron.engines import open_warehouse
    from patron.project.lock import lock_project

    project = Project.load(bad)
    with lock_project(project.state), open_warehouse(project).hold_open():
        assert patron("quarantine", folder=bad).code == 0
        assert patron("replay", folder=bad).code == 4


def test_the_end_of_a_run_names_the_bad_rows(bad):
    output = patron("run", "--quiet", folder=bad)
    assert "Bad rows: 6 quarantined, 2 unreadable; `patron quarantine` lists them." in output.out
    assert patron("run", "--json", folder=bad).json["bad_rows"] == {"quarantined": 6, "unreadable": 2}


def test_a_shop_without_bad_rows_hears_nothing_of_them(tmp_path):
    assert "Bad rows" not in patron("run", "--quiet", folder=copy_of_built(tmp_path)).out


def test_a_replay_tells_good_from_still_bad(tmp_path):
    project = run_project(tmp_path, {"good.csv": GOOD, "bad.csv": BAD}, MOSTLY_BAD)
    assert not problems(tmp_path)
    words = {"quantity": "case when quantity = 'two' then '2' else quantity end"}
    mended = mend(tmp_path, sources={"receipts": source(columns=words) | {"csv": {"quote": "none"}}})
    report = replay(mended)
    (lines,) = report.quarantined
    assert (lines.source, lines.entity) == ("receipts", "order_lines")
    assert (lines.bad_before, lines.good_now, lines.still_bad, lines.newly_bad) == (6, 1, 5, 0)
    assert lines.reasons["quantity: not a valid decimal(18, 4)"] == 2
    (read,) = report.unreadable
    assert (read.rows_before, read.rows_read, read.rows_rejected) == (2, 1, 1)
    assert read.reasons == {"3 columns instead of 7": 1}
    assert report.as_dict()["unreadable"][0]["of_these_quarantined"] == 0
    assert not problems(tmp_path)
    details = {f["section"]: f["detail"] for f in findings(tmp_path)}
    assert details["files"] == "2 files: 12 rows, and 1 unreadable rows set aside"
    assert details["rows"].startswith("12 in = 7 silver + 0 duplicates + 5 quarantined + 0 filtered")
    # 5 good ones: 10 + 7.50 + 5 - 5 + 7.50 = 25; two mugs at 5, and one nail at 5
    assert total(tmp_path) == 25 + 10 + 5
    assert project.root == mended.root


def total(folder: Path) -> Any:
    from patron.publish.reader import open_published

    with open_published(Project.load(folder).published) as connection:
        return connection.execute("select sum(net_amount) from daily_metrics").fetchall()[0][0]


@pytest.mark.soak
def test_a_replay_twice_adds_nothing(tmp_path):
    run_project(tmp_path, {"good.csv": GOOD, "bad.csv": BAD}, MOSTLY_BAD)
    mended = mend(tmp_path, sources={"receipts": source() | {"csv": {"quote": "none"}}})
    assert replay(mended).unreadable[0].rows_read == 1
    before = gold(tmp_path)
    report = replay(mended)
    assert (report.unreadable[0].rows_read, report.run.is_new) == (0, False)
    assert report.quarantined[0].bad_before == report.quarantined[0].still_bad == 6
    assert gold(tmp_path) == before
    assert not problems(tmp_path)


def test_a_replay_that_dies_before_its_run_is_finished_by_the_next(tmp_path, monkeypatch):
    run_project(tmp_path, {"good.csv": GOOD, "bad.csv": BAD}, MOSTLY_BAD)
    mended = mend(tmp_path, sources={"receipts": source() | {"csv": {"quote": "none"}}})

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("patron.pipeline.replay.run", dies)
        replay(mended)
    report = replay(mended)
    assert (report.unreadable[0].rows_before, report.unreadable[0].rows_read, report.run.is_new) == (1, 0, True)
    assert total(tmp_path) == 25 + 5  # the nail, once
    assert not problems(tmp_path)


KILLED = """
import os
from patron.lake import BronzeTable
whole = BronzeTable.commit
def dies(table, *words, **more):
    is_bronze = "_rejected" not in table.path.parts
    if is_bronze and {before}:
        os._exit(9)
    rows = whole(table, *words, **more)
    if is_bronze:
        os._exit(9)
    return rows
BronzeTable.commit = dies
"""


@pytest.mark.parametrize("before", [True, pytest.param(False, marks=pytest.mark.soak)], ids=["before", "after"])
def test_a_replay_killed_around_its_commit_is_finished_by_the_next(tmp_path, before):
    run_project(tmp_path, {"good.csv": GOOD, "bad.csv": BAD}, MOSTLY_BAD)
    mended = mend(tmp_path, sources={"receipts": source() | {"csv": {"quote": "none"}}})
    assert forked("replay", folder=tmp_path, first=KILLED.format(before=before)).code == 9
    assert {f["status"] for f in findings(tmp_path) if f["section"] == "files"} == {"warn"}  # unreadable rows, no more
    assert sum(kind.rows for kind in quarantine(mended).kinds if kind.kind == "unreadable") == 1 + before
    assert replay(mended).unreadable[0].rows_read == int(before)
    assert total(tmp_path) == 25 + 5  # the nail, once
    assert not problems(tmp_path)


@pytest.mark.soak
def test_the_replay_command_says_it_in_words(tmp_path):
    run_project(tmp_path, {"good.csv": GOOD, "bad.csv": BAD}, MOSTLY_BAD)
    mend(tmp_path, sources={"receipts": source() | {"csv": {"quote": "none"}}})
    (tmp_path / "data" / "good.csv").unlink()  # what has landed is not asked for again
    output = patron("replay", "--quiet", folder=tmp_path).out
    assert "receipts as order_lines: of 6 bad rows, 0 good now and 6 still bad." in output
    assert "    3 x quantity: not a valid decimal(18, 4)" in output
    assert "receipts: of 2 unreadable rows, 1 read now and 1 still unreadable." in output
    assert "    1 x 3 columns instead of 7" in output
    (tmp_path / "data" / "bad.csv").unlink()
    assert "1 x not retried, bad.csv: the file was deleted" in patron("replay", "--quiet", folder=tmp_path).out


def test_a_row_that_reads_now_may_still_not_fit(tmp_path):
    run_project(tmp_path, {"good.csv": GOOD, "bad.csv": HEADER + row(product_name='"5 inch', quantity="two")})
    report = replay(mend(tmp_path, sources={"receipts": source() | {"csv": {"quote": "none"}}}))
    assert report.unreadable[0].rows_read == 1
    assert report.quarantined_after_reading == {"receipts": 1}
    assert report.quarantined == []  # none was bad before


@pytest.mark.soak
def test_a_mapping_that_got_worse_is_reported(tmp_path):
    run_project(tmp_path, {"good.csv": GOOD})
    report = replay(mend(tmp_path, sources={"receipts": source(columns={"quantity": "product_name"})}))
    (lines,) = report.quarantined
    assert (lines.bad_before, lines.newly_bad) == (0, 5)
    assert lines.reasons == {"quantity: not a valid decimal(18, 4)": 5}


def test_rows_of_new_files_are_not_in_the_comparison(tmp_path):
    project = run_project(tmp_path, {"good.csv": GOOD + row(quantity="two")})
    write(tmp_path, {"more.csv": HEADER + row(quantity="three")})
    (lines,) = replay(project).quarantined
    assert (lines.bad_before, lines.still_bad, lines.newly_bad) == (1, 1, 0)


# Too many bad rows


def days(count: int, *, bad: int, first: int = 1) -> str:
    """So many rows of 5.00, of which the last ones have a date that is written the other way."""
    good = "".join(row(order_id=str(first + n)) for n in range(count - bad))
    turned = "".join(row(order_id=str(first + count - n - 1), ordered_at="10:00 on 05/03/2024") for n in range(bad))
    return HEADER + good + turned


FORMATS = {"ordered_at": {"expression": "ordered_at", "format": ["%Y-%m-%d %H:%M:%S", "%H:%M on %d/%m/%Y"]}}


def test_everything_bad_stops_the_run_until_it_is_fixed(tmp_path):
    project = Project.load(write(tmp_path, {"days.csv": days(120, bad=120)}))
    with pytest.raises(CheckFailedError) as stopped:
        run(project)
    output = str(stopped.value)
    assert "receipts: 120 of 120 rows are bad (100.0%)" in output
    assert "ordered_at: not a valid timestamp (120)" in output
    assert "patron replay" in output
    assert "quarantine.stop_above_rate (now 0.5)" in output
    assert "sources.receipts" in output
    assert patron("query", "select 1", folder=tmp_path).code == 7  # nothing was published
    assert quarantine(project).kinds[0].rows == 120

    mended = mend(tmp_path, sources={"receipts": source(columns=FORMATS)})
    (lines,) = replay(mended).quarantined
    assert (lines.bad_before, lines.good_now, lines.still_bad) == (120, 120, 0)
    assert total(tmp_path) == 600
    assert not problems(tmp_path)


def test_the_command_stops_with_five_and_one_document(tmp_path):
    write(tmp_path, {"days.csv": days(120, bad=120)})
    outcome = patron("run", "--json", folder=tmp_path)
    assert (outcome.code, outcome.json["error"]) == (5, "check")
    assert patron("replay", "--json", folder=tmp_path).code == 5  # nothing was mended
    mend(tmp_path, sources={"receipts": source(columns=FORMATS)})
    outcome = patron("replay", "--json", folder=tmp_path)
    assert outcome.code == 0
    assert outcome.json["quarantined"][0]["good_now"] == 120
    assert outcome.json["run"]["bad_rows"] == {"quarantined": 0, "unreadable": 0}


def test_a_stopped_run_stays_stopped_and_readers_keep_what_they_had(tmp_path):
    project = run_project(tmp_path, {"good.csv": GOOD})
    before = gold(tmp_path)
    write(tmp_path, {"good.csv": GOOD, "days.csv": days(150, bad=100)})
    for _ in range(2):
        with pytest.raises(CheckFailedError, match="100 of 150 rows are bad"):
            run(project)
        assert gold(tmp_path) == before
    run(mend(tmp_path, quarantine={"stop_above_rate": 0.7}))
    assert total(tmp_path) == 25 + 250
    assert not problems(tmp_path)


@pytest.mark.parametrize(
    ("count", "bad", "limits", "stops"),
    [
        (200, 100, {}, False),  # exactly half is not above it
        (199, 100, {}, True),
        (99, 99, {}, False),  # fewer than a hundred
        (10, 4, {"stop_above_rate": 0.3, "at_least_rows": 4}, True),
        (10, 4, {"stop_above_rate": 0.3, "at_least_rows": 5}, False),
        (1000, 1000, {"stop_above_rate": 1}, False),
        (1000, 100, {"stop_above_rate": 0}, True),
    ],
)
def test_where_the_limit_lies(tmp_path, count, bad, limits, stops):
    project = Project.load(write(tmp_path, yaml=settings(quarantine=limits)))
    share = bad_rows._Share("receipts", count, bad, [], is_whole_source=False)
    expectation = pytest.raises(CheckFailedError) if stops else contextlib.nullcontext()
    with expectation:
        bad_rows._stop_if_too_many(project, [share])


@pytest.mark.parametrize(("count", "bad", "stops"), [(4, 3, True), (4, 2, False), (1, 1, True)])
def test_the_first_rows_of_a_source_may_not_be_mostly_bad_however_few(tmp_path, count, bad, stops):
    project = Project.load(write(tmp_path, {"days.csv": days(count, bad=bad)}))
    if not stops:
        run(project)
        add = write(tmp_path, {"more.csv": days(3, bad=3, first=100)})
        run(Project.load(add))  # later ones may, up to quarantine.at_least_rows
        return
    with pytest.raises(CheckFailedError, match=f"{bad} of {count} rows are bad"):
        run(project)


def test_the_three_most_common_reasons_are_named(tmp_path):
    project = Project.load(write(tmp_path))
    kinds = [
        Kind("receipts", "unreadable", None, None, name, rows, {})
        for name, rows in zip("abcd", (9, 40, 30, 121), strict=True)
    ]
    with pytest.raises(CheckFailedError, match=r"Most common: d \(121\); b \(40\); c \(30\)\.\n") as stopped:
        bad_rows._stop_if_too_many(project, [bad_rows._Share("receipts", 200, 200, kinds, is_whole_source=False)])
    assert "patron quarantine --source receipts" in str(stopped.value)


def test_a_row_counts_once_though_it_is_bad_for_two_entities(tmp_path):
    both = source()
    both["entities"]["customers"] = {"columns": {"customer_id": "customer_id", "birth_date": "product_name"}}
    yaml = settings(sources={"receipts": both}, quarantine={"at_least_rows": 2})
    text = HEADER + row(quantity="two") + row(quantity="two") + row() + row(product_name="2000-01-01")
    with pytest.raises(CheckFailedError, match="3 of 4 rows are bad"):
        run(Project.load(write(tmp_path, {"a.csv": text}, yaml)))


def test_another_limit_is_no_reason_to_build_again(tmp_path):
    folder = copy_of_built(tmp_path)
    assert not run(mend(folder, quarantine={"stop_above_rate": 0.1})).is_new


@pytest.mark.soak
def test_only_what_arrived_since_counts_until_the_mapping_changes(tmp_path):
    limits = {"quarantine": {"at_least_rows": 10}}
    project = run_project(tmp_path, {"old.csv": days(100, bad=0)}, settings(**limits))
    write(tmp_path, {"new.csv": days(20, bad=15, first=1000)}, settings(**limits))
    with pytest.raises(CheckFailedError, match="15 of 20 rows are bad"):  # of all it would be 15 of 120
        run(project)
    turned = source(columns={"ordered_at": {"expression": "ordered_at", "format": "%d/%m/%Y %H:%M"}})
    with pytest.raises(CheckFailedError, match="105 of 120 rows are bad"):
        run(mend(tmp_path, sources={"receipts": turned}, **limits))
    run(mend(tmp_path, sources={"receipts": source(columns=FORMATS)}, **limits))
    assert total(tmp_path) == 600


def test_unreadable_rows_count_too(tmp_path):
    limits = settings(quarantine={"at_least_rows": 4})
    text = HEADER + row(order_id="1") + row(quantity="two") + "1,2\n1,2\n1,2,3\n"
    with pytest.raises(CheckFailedError) as stopped:
        run(Project.load(write(tmp_path, {"a.csv": text}, limits)))
    assert "4 of 5 rows are bad (80.0%)" in str(stopped.value)
    assert "not 7 columns (3); quantity: not a valid decimal(18, 4) (1)" in str(stopped.value)


def test_a_wrong_quote_sign_stops_and_is_fixed(tmp_path):
    """Two good rows, six that a quote sign breaks; with none, all eight read."""
    limits = {"quarantine": {"at_least_rows": 4}}
    nails = "".join(row(order_id=str(n), product_name='"5 inch nail') for n in range(6))
    text = HEADER + row(order_id="a") + row(order_id="b") + nails
    project = Project.load(write(tmp_path, {"a.csv": text}, settings(**limits)))
    with pytest.raises(CheckFailedError, match="6 of 8 rows are bad"):
        run(project)
    report = replay(mend(tmp_path, sources={"receipts": source() | {"csv": {"quote": "none"}}}, **limits))
    assert (report.unreadable[0].rows_read, report.unreadable[0].rows_rejected) == (6, 0)
    assert total(tmp_path) == 40
    assert Lake(project.lake).table("receipts").row_count() == 8
    assert not problems(tmp_path)


@pytest.mark.parametrize(
    ("quarantine", "words"),
    [
        ({"stop_above_rate": 1.5}, "stop_above_rate"),
        ({"stop_above_rate": -0.1}, "stop_above_rate"),
        ({"at_least_rows": 0}, "at_least_rows"),
        ({"stop_over_rate": 0.5}, "stop_above_rate"),
    ],
)
def test_limits_that_cannot_be_are_refused(tmp_path, quarantine, words):
    with pytest.raises(SettingsError, match=words):
        Project.load(write(tmp_path, yaml=settings(quarantine=quarantine)))
