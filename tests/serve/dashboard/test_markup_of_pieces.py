"""Names that are markup or formulas, in every piece of a page, a report and a download; written without a shop."""

from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from patron.activate.to_file import write_file
from patron.project.number_format import Formats
from patron.serve.answer import Answer
from patron.serve.dashboard import app
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.widgets import banner, empty_state, escape, tables, tiles
from patron.serve.periods import Period
from patron.serve.report.page import Report, render_page
from patron.serve.report.queries.figures import QueryResult
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.sections.section import LeftOut, Section, Sentence

BAD = "<b>Bo</b>\"'&"
SAFE = "&lt;b&gt;Bo&lt;/b&gt;&quot;&#x27;&amp;"
BRITISH = Formats("en_GB", "GBP")


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """The HTML that pieces give to Streamlit."""
    found: list[str] = []
    page = SimpleNamespace(html=found.append)
    for module in (app, banner, empty_state, tables, tiles):
        monkeypatch.setattr(module, "st", page)
    return found


def assert_escaped(html: str, times: int) -> None:
    assert html.count(SAFE) == times
    assert "<b>Bo" not in html


def test_a_table_escapes_its_title_heads_and_cells_and_quotes_its_links():
    data = Result(["customer_id", "segment"], [("a&b=c/d?e#f", BAD)])
    html = tables.to_html(
        BAD, data, ["customer_id", "segment"], BRITISH, {"segment": BAD}, {"customer_id": "customers?customer="}
    )
    assert_escaped(html, 4)
    assert 'href="customers?customer=a%26b%3Dc%2Fd%3Fe%23f"' in html


def test_a_tile_escapes_all_that_it_says(written):
    tiles.draw_tiles([tiles.Tile(BAD, BAD, BAD, True, BAD, BAD), tiles.Tile(BAD, BAD, against=BAD)])
    assert_escaped(written[0], 8)


def test_an_empty_state_and_a_banner_escape_what_they_tell(written, monkeypatch):
    empty_state.draw_empty_state(BAD, BAD)
    monkeypatch.setattr(banner, "describe_state", lambda *_: (BAD, True))
    banner.draw_banner(None, BRITISH)
    assert_escaped(written[0], 2)
    assert_escaped(written[1], 1)


def test_the_heading_of_a_page_escapes_the_shop(written, monkeypatch):
    monkeypatch.setattr(app, "draw_banner", lambda *_: None)
    monkeypatch.setattr(app, "draw_empty_state", lambda *_: None)
    monkeypatch.setattr(app._Painter, "_explain_no_data", lambda *_: "none")
    project = SimpleNamespace(settings=SimpleNamespace(shop=SimpleNamespace(name=BAD)))
    page = SimpleNamespace(title=BAD, question=BAD)
    app._Painter(project, None, None, BRITISH).paint(page)
    assert_escaped(written[0], 3)


def test_titles_of_axes_and_arrays_of_texts_are_escaped_in_charts():
    drawn = escape.figure({"data": [{"x": np.array(["<b>", 1], dtype=object)}], "layout": {"xaxis": {"title": "<b>"}}})
    assert drawn["data"][0]["x"] == ["&lt;b&gt;", 1]
    assert drawn["layout"]["xaxis"]["title"] == "&lt;b&gt;"


def test_a_report_escapes_the_shop_its_sentences_and_its_queries():
    data = DataDays(dt.date(2024, 4, 1), dt.date(2024, 5, 31))
    period = Period.parse("2024-05")
    comparison = Comparison.of(period, data)
    query = QueryResult(f"select '{BAD}'", ("n",), ((1,),))
    section = Section("changes", BAD, BAD, (Sentence(BAD, (), (query,)),))
    report = Report(BAD, period, BRITISH, data, comparison, query, [], [section], [LeftOut(BAD, BAD)])
    html = render_page(report).html
    assert "<b>Bo" not in html
    assert html.count("&lt;b&gt;Bo&lt;/b&gt;") == 8


def test_a_download_guards_its_header_and_its_cells():
    out = io.StringIO()
    Answer(["=1+1", "n"], [("@SUM(A1)", -5), (" =2", None)]).write_csv(out)
    assert out.getvalue() == "'=1+1,n\n'@SUM(A1),-5\n' =2,\n"


def test_a_list_of_people_guards_its_cells(tmp_path: Any):
    write_file(pa.table({"customer_id": ["=1+1", "c2"], "net_amount": [-5, 6]}), tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text() == "customer_id,net_amount\n'=1+1,-5\nc2,6\n"
