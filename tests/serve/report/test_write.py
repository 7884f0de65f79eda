"""The command: what it writes, and what it refuses."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from patron.cli.app import main
from patron.serve.report import pdf


@pytest.fixture
def patron(capsys, tmp_path, monkeypatch):
    """The exit code of the command line in an empty folder, and its output."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        output = capsys.readouterr()
        return left.value.code, output.out + output.err

    return run


def test_the_last_month_that_is_over_is_written_here(patron, paper_shop, tmp_path):
    code, output = patron("report", "--project", paper_shop.folder)
    assert (code, "Wrote the report of 2024-05 to report-2024-05.html." in output) == (0, True)
    assert "<h1>May 2024</h1>" in (tmp_path / "report-2024-05.html").read_text(encoding="utf-8")


def test_json_output_names_the_files(patron, paper_shop, tmp_path):
    code, output = patron("report", "--project", paper_shop.folder, "--period", "2024-Q2", "--to", "q.html", "--json")
    assert (code, json.loads(output)) == (0, {"period": "2024-Q2", "html": str(tmp_path / "q.html"), "pdf": None})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--period", "spring"], "write a month such as 2011-11"),
        (["--period", "2023-04"], "orders run from 2024-03-01 to 2024-06-10"),
        (["--period", "2024-08"], "name one from 2024-03 to 2024-06"),
        (["--to", "report.pdf"], "name a file that ends in .html"),
        (["--to", "nowhere/report.html"], "create it first"),
    ],
)
def test_what_is_refused(patron, paper_shop, tmp_path, words, expected):
    code, output = patron("report", "--project", paper_shop.folder, *words)
    assert (code, expected in output) == (2, True), output
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_published_yet(patron, paper_shop, tmp_path):
    (tmp_path / "new").mkdir()
    shutil.copy(paper_shop.folder / "patron.yaml", tmp_path / "new")
    code, output = patron("report", "--project", "new")
    assert (code, "run `patron run` first" in output) == (7, True)


def test_tables_that_are_older_than_the_report(patron, paper_shop, monkeypatch):
    def without_segments(*_):
        with duckdb.connect() as connection:
            connection.execute("select * from gold.no_such_table")

    monkeypatch.setattr("patron.serve.report.page.query_segment_sizes", without_segments)
    code, output = patron("report", "--project", paper_shop.folder)
    assert (code, "older than the report" in output, "run `patron run`" in output) == (7, True, True)


def test_a_pdf_by_the_browser(patron, paper_shop, tmp_path):
    if not any(shutil.which(name) for name in pdf.BROWSERS):
        pytest.skip("no Chromium or Chrome is installed")
    code, output = patron(
        "report", "--project", paper_shop.folder, "--to", "april.html", "--period", "2024-04", "--pdf"
    )
    assert (code, "april.pdf" in output) == (0, True), output
    printed = (tmp_path / "april.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") >= 3


def test_without_a_browser_nothing_is_written(patron, paper_shop, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    code, output = patron("report", "--project", paper_shop.folder, "--pdf")
    assert (code, "install Chromium" in output) == (3, True)
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_fails_says_so_and_the_page_stays(patron, paper_shop, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "find_browser", lambda: "/bin/false")
    monkeypatch.setattr("patron.serve.report.write.find_browser", lambda: "/bin/false")
    code, output = patron("report", "--project", paper_shop.folder, "--period", "2024-04", "--pdf")
    assert (code, "print it to a PDF" in output) == (6, True)
    assert [path.name for path in tmp_path.iterdir()] == ["report-2024-04.html"]
