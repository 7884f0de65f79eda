"""Reports as they are written: every number comes from its query, nothing is empty, nothing changes by itself."""

from __future__ import annotations

import datetime as dt
import html
import re
from html.parser import HTMLParser

import pytest

from patron.serve.periods import Period
from patron.serve.query import select
from patron.serve.report.page import build_report, render_page
from patron.serve.report.queries.spans import DataDays
from patron.serve.report.write import choose_default_period, write_report
from shops import paper

PAPER_PERIODS = ["2024-03", "2024-04", "2024-05", "2024-06", "2024-Q1", "2024-Q2", "2024-W16", "2024"]
DEMO_PERIODS = ["2010-12", "2011-11", "2011-12", "2011-Q3", "2011-W45", "2011"]

TITLES = {
    "changes": "What changed and why",
    "drivers": "Where the change came from",
    "cohorts": "Cohort retention",
    "value": "Customer value",
    "segments": "Segments",
    "programmes": "Recommended actions",
}


class Parts(HTMLParser):
    """Tags with their attributes, and the text of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data.strip())


def assert_every_number_comes_from_its_query(project, made) -> None:
    text = html.unescape(made.html)
    assert made.sources.printed
    answers = {result.sql: select(project, result.sql) for result in made.sources.results}
    assert set(answers) == {html.unescape(one) for one in re.findall(r"<pre[^>]*>(.*?)</pre>", made.html, re.S)}
    for figure in made.sources.printed:
        answer = answers[figure.result.sql]
        value = answer.rows[figure.row][answer.columns.index(figure.column)]
        assert value == figure.value
        assert figure.write(value) == figure.text
        assert figure.text in text


@pytest.mark.parametrize("period", PAPER_PERIODS)
def test_every_number_of_the_paper_shop(paper_shop, written, period):
    assert_every_number_comes_from_its_query(paper_shop.project, written(paper_shop.project, period)[1])


@pytest.mark.parametrize("period", DEMO_PERIODS)
def test_every_number_of_a_shop_with_predictions(demo_project, written, period):
    assert_every_number_comes_from_its_query(demo_project, written(demo_project, period)[1])


@pytest.mark.parametrize("period", PAPER_PERIODS)
def test_sections_are_there_or_left_out_with_a_reason(paper_shop, written, period):
    made, _ = written(paper_shop.project, period)
    there = {section.title for section in made.sections}
    left_out = {one.title: one.why for one in made.left_out}
    assert there.isdisjoint(left_out)
    assert there | left_out.keys() >= set(TITLES.values())
    assert all(left_out.values())
    for section in made.sections:
        assert section.sentences or section.charts or section.tables or section.triangle, section.title
        assert all(table.rows for table in section.tables)


def test_a_shop_without_names_leaves_out_its_customers(build_shop, written):
    shop = build_shop("nameless", paper.nameless(), paper.FILES)
    made, written_page = written(shop.project, "2024-04")
    reasons = {one.title: one.why for one in made.left_out}
    assert reasons[TITLES["value"]] == reasons[TITLES["segments"]] == "no order has a customer"
    assert reasons[TITLES["drivers"]] == "the data has no attribute to break sales down by"
    assert {section.title for section in made.sections} == {TITLES["changes"], "The last 2 months"}
    assert_every_number_comes_from_its_query(shop.project, written_page)


def test_what_is_not_predicted_is_withheld_with_the_reason(paper_shop, written):
    text = html.unescape(written(paper_shop.project, "2024-04")[1].html)
    assert "so the value at stake is withheld: " in text
    assert "Expected margin is not predicted: " in text
    assert "Value at stake" not in text


def test_stakes_add_up_from_the_customers(demo_project, written):
    made, _ = written(demo_project, "2011-11")
    table = next(section for section in made.sections if section.name == "programmes").tables[0]
    one_by_one = select(
        demo_project,
        "select segment, customer_360.predicted_clv_1y, churn_probability_90d from customer_360 join customer_churn "
        "using (customer_id)",
    )
    by_hand: dict[str, float] = {}
    for segment, expected, probability in one_by_one.rows:
        by_hand[segment] = by_hand.get(segment, 0.0) + (expected or 0.0) * (probability or 0.0)
    shown = {row.cells[0]: row.cells[2].value for row in table.rows}
    assert shown.keys() == by_hand.keys()
    assert {name: float(value) for name, value in shown.items()} == pytest.approx(by_hand, abs=0.1)


def test_segments_of_a_past_day_are_those_observed_then(paper_shop, written):
    """On 1 April the shop had been measured: May's change is told by those segments, in which the 20 customers of March
    were, and April's page says how many were in each."""
    may, _ = written(paper_shop.project, "2024-05")
    groups = next(section for section in may.sections if section.name == "drivers").tables
    by_segment = next(one for one in groups if one.caption == "Segments")
    assert "Segments as of 1 Apr 2024." in by_segment.note
    differences = {row.cells[0]: row.cells[1].value for row in by_segment.rows}
    assert differences.pop("No segment then, or guest") == 60 - 246
    assert differences.pop("Total") == 180 - 486
    assert sum(differences.values()) == 120 - 240
    april, _ = written(paper_shop.project, "2024-04")
    sizes = next(section for section in april.sections if section.name == "segments").tables[0]
    assert sizes.columns[-1] == "#Customers on 1 Apr 2024"
    assert sum(row.cells[-1].value for row in sizes.rows) == 20
    assert sum(row.cells[1].value for row in sizes.rows) == 40


def test_the_same_report_twice_is_the_same_bytes(demo_project, tmp_path):
    for name in ("one", "other"):
        write_report(demo_project, "2011-11", tmp_path / f"{name}.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()


def test_text_from_data_stays_text(paper_shop, written):
    _, made = written(paper_shop.project, "2024-04")
    parts = Parts(made.html)
    assert "script" not in {tag for tag, _ in parts.tags}
    assert f"Paper {paper.MARKUP}" in parts.texts
    assert paper.MARKUP in parts.texts  # the channel, in its table


def test_the_page_asks_for_nothing_else_and_can_be_read_aloud(demo_project, written):
    _, written_page = written(demo_project, "2011-11")
    parts = Parts(written_page.html)
    for tag, attributes in parts.tags:
        assert tag not in ("script", "iframe", "img", "object", "embed")
        assert all(not str(attributes.get(name, "")).startswith(("http", "//")) for name in ("src", "href"))
    assert "@import" not in written_page.html
    assert "url(" not in written_page.html
    levels = [tag for tag, _ in parts.tags if re.fullmatch(r"h\d", tag)]
    assert levels == ["h1", *["h2"] * (len(levels) - 1)]
    count = [tag for tag, _ in parts.tags].count
    assert count("table") == count("caption") > 0
    images = [attributes for tag, attributes in parts.tags if tag == "svg"]
    assert all(one.get("aria-label") or one.get("aria-hidden") == "true" for one in images)
    ids = [attributes["id"] for _, attributes in parts.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    leads = {attributes["href"] for tag, attributes in parts.tags if tag == "a"}
    assert leads == {f"#q{number}" for number in range(1, len(written_page.sources.results) + 1)}


def test_queries_can_be_typed_at_a_shell(demo_project, written):
    """Between double quotes, a shell takes these for its own."""
    _, made = written(demo_project, "2011-11")
    assert all(not set('"$`\\!') & set(result.sql) for result in made.sources.results)


@pytest.mark.parametrize(
    ("last", "period"),
    [("2011-12-09", "2011-11"), ("2011-12-30", "2011-11"), ("2011-12-31", "2011-12"), ("2011-01-20", "2011-01")],
)
def test_the_default_period_is_the_last_complete_month(last, period):
    data = DataDays(dt.date(2011, 1, 3), dt.date.fromisoformat(last))
    assert choose_default_period(data) == Period.parse(period)


def test_the_report_of_a_page_is_made_of_the_published_tables_alone(paper_gold, paper_shop):
    made = build_report(paper_gold, Period.parse("2024-04"), paper_shop.project.settings.shop)
    assert render_page(made).html.startswith("<!doctype html>")
