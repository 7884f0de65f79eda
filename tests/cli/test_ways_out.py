"""What leaves patron: for its owner alone, over nobody's file, and harmless to terminals and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from faults.projects import copy_of_built, forked, patron
from patron.activate.audience import AudienceRequest, create_audience
from patron.cli.output import console
from patron.project.project import Project
from patron.serve.report.write import write_report

SQL = "select customer_id from customer_360"
NASTY = "\x1b[31m=1+1\x1b]0;owned\x07\x9b2J\u202e"


@pytest.fixture
def shop(tmp_path) -> Path:
    return copy_of_built(tmp_path)


def audience(shop: Path, to: Path, *words: str):
    return patron("audience", "create", "Everyone", "--sql", SQL, "--holdout", "0", "--to", to, *words, folder=shop)


def report(shop: Path, to: Path, *words: str):
    return patron("report", "--period", "2024-03", "--to", to, *words, folder=shop)


def value(shop: Path, to: Path, *words: str):
    orders = shop / "orders.csv"
    if not orders.exists():
        rows = [f"c{one},2024-0{1 + day % 6}-1{day % 9},{5 + day}" for one in range(400) for day in range(one % 7 + 1)]
        orders.write_text("customer_id,ordered_at,amount\n" + "\n".join([*rows, "=1+1,2024-01-01,5"]) + "\n")
    return patron("value", orders, "--to", to, *words)


WAYS = {"audience": (audience, "list.csv"), "parquet": (audience, "list.parquet"), "report": (report, "a.html")}
WAYS |= {"value": (value, "clv.csv"), "value parquet": (value, "clv.parquet")}


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_patron_did_not_write_stays_unless_told(shop, way):
    write, name = WAYS[way]
    theirs = shop / name
    theirs.write_text("customer_id,mine\n1,kept\n")
    outcome = write(shop, theirs)
    assert (outcome.code, theirs.read_text()) == (2, "customer_id,mine\n1,kept\n")
    assert "--overwrite" in outcome.err
    assert write(shop, theirs, "--overwrite").code == 0
    first = theirs.read_bytes()
    assert first[:20] != b"customer_id,mine\n1,k"
    assert write(shop, theirs).code == 0, "its own file is replaced without being told"


@pytest.mark.parametrize("way", WAYS)
def test_a_link_to_another_file_is_no_way_around(shop, way):
    write, name = WAYS[way]
    (shop / "kept.txt").write_text("kept")
    (shop / name).symlink_to(shop / "kept.txt")
    assert write(shop, shop / name).code == 2
    assert (shop / "kept.txt").read_text() == "kept"


@pytest.mark.parametrize("name", ["data/good.csv", "data/new.csv", "data/deep/er/new.csv"])
def test_a_source_is_never_written_even_if_told(shop, name):
    before = {path: path.read_bytes() for path in (shop / "data").rglob("*") if path.is_file()}
    outcome = audience(shop, shop / name, "--overwrite")
    assert (outcome.code, "source receipts" in outcome.err) == (2, True)
    assert {path: path.read_bytes() for path in (shop / "data").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", [".patron/list.csv", ".patron/published/list.csv", ".patron/audiences/list.csv"])
def test_nor_is_anything_of_the_project(shop, name):
    assert audience(shop, shop / name, "--overwrite").code == 2
    assert not (shop / name).exists()


def test_orders_are_never_overwritten_by_their_values(shop):
    value(shop, shop / "clv.csv")
    before = (shop / "orders.csv").read_bytes()
    assert patron("value", shop / "orders.csv", "--to", shop / "orders.csv", "--overwrite").code == 2
    assert (shop / "orders.csv").read_bytes() == before


def test_an_example_is_not_written_among_files(tmp_path):
    (tmp_path / "mine/data").mkdir(parents=True)
    (tmp_path / "mine/data/receipts.csv").write_text("mine")
    assert patron("init", tmp_path / "mine", "--example", "cafe").code == 2
    assert [path.name for path in (tmp_path / "mine").rglob("*") if path.is_file()] == ["receipts.csv"]


def test_what_commands_write_is_the_owners_alone(shop, tmp_path):
    """From the start: in a process with the usual umask, every file and folder is private."""
    fresh = tmp_path / "fresh"
    shutil.copytree(shop, fresh, ignore=shutil.ignore_patterns(".patron"))
    first = "import os; os.umask(0o022)"
    assert forked("run", "--quiet", folder=fresh, first=first).code == 0
    words = ("audience", "create", "Everyone", "--sql", SQL, "--holdout", "0", "--to", fresh / "list.csv")
    assert forked(*words, folder=fresh, first=first).code == 0
    assert forked("report", "--period", "2024-03", "--to", fresh / "a.html", folder=fresh, first=first).code == 0
    written = [fresh / ".patron", *(fresh / ".patron").rglob("*"), fresh / "list.csv", fresh / "a.html"]
    assert [path for path in written if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()] == []


def test_the_library_writes_in_private_too(shop):
    mask = os.umask(0o022)
    try:
        project = Project.load(shop)
        shutil.rmtree(shop / ".patron/audiences", ignore_errors=True)
        create_audience(project, AudienceRequest("Everyone", sql=SQL, holdout=0, to=str(shop / "list.csv")))
        write_report(project, "2024-03", shop / "a.html")
    finally:
        os.umask(mask)
    written = [shop / "list.csv", shop / "a.html", *(shop / ".patron/audiences").iterdir()]
    assert [path for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_a_folder_that_was_open_to_everybody_is_closed_by_a_run(shop):
    (shop / ".patron").chmod(0o755)
    assert patron("run", "--quiet", folder=shop).code == 0
    assert stat.S_IMODE((shop / ".patron").stat().st_mode) == 0o750


def test_a_list_keeps_the_permissions_that_its_owner_gave_it(shop):
    assert audience(shop, shop / "list.csv").code == 0
    (shop / "list.csv").chmod(0o640)
    assert audience(shop, shop / "list.csv").code == 0
    assert stat.S_IMODE((shop / "list.csv").stat().st_mode) == 0o640


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


READ = [("query", f"select {quoted(NASTY)} as a"), ("query", f'select 1 as "{NASTY}"')]
READ += [("query", f"select {quoted(NASTY)} as a", "--json"), ("query", f"selekt {quoted(NASTY)}")]
READ += [("profile", NASTY), ("ask", "x" + NASTY), ("tables", NASTY), ("audience", "measure", NASTY)]
READ += [("audience", "create", NASTY), ("query", f"selekt {quoted(NASTY)}", "--json")]


@pytest.mark.parametrize("words", READ, ids=lambda words: " ".join(words)[:12].encode("unicode_escape").decode())
def test_escape_sequences_reach_no_terminal(shop, words):
    outcome = patron(*words, folder=shop)
    said = outcome.out + outcome.err
    assert said
    assert not set("\x1b\x07\x9b\u202e") & set(said)


def test_csv_is_exact_for_a_file_and_shown_on_a_terminal(shop, monkeypatch):
    words = ("query", f"select {quoted(NASTY)} as a", "--csv")
    assert list(csv.reader(io.StringIO(patron(*words, folder=shop).out))) == [["a"], [NASTY]]
    monkeypatch.setattr(console, "_is_terminal", lambda: True)
    assert not set("\x1b\x07\x9b\u202e") & set(patron(*words, folder=shop).out)


def test_every_csv_guards_formulas_and_leaves_telephone_numbers(shop):
    texts = {"=1+1": "'=1+1", "@x": "'@x", "+442079460958": "+442079460958", "-5": "-5"}
    union = " union all ".join(f"select {quoted(text)} as t" for text in texts)
    rows = list(csv.reader(io.StringIO(patron("query", union, "--csv", folder=shop).out)))
    assert [row[0] for row in rows[1:]] == list(texts.values())
    assert json.loads(patron("query", union, "--json", folder=shop).out) == [{"t": text} for text in texts]
    assert value(shop, shop / "clv.csv").code == 0
    with (shop / "clv.csv").open(newline="") as file:
        assert "'=1+1" in [row[0] for row in csv.reader(file)]
