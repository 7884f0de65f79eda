"""The overview in a browser: its figures are gold's, in the shop's own format."""

from __future__ import annotations

import csv
import html
import io
import re

from patron.project.number_format import Formats
from patron.publish.reader import open_published
from patron.serve.periods import Period
from patron.serve.report.queries.changes import find_changes


def gold(project, sql, *parameters):
    with open_published(project.published) as connection:
        return connection.execute(sql, parameters).fetchall()


def test_tiles_are_gold_and_follow_the_period(retail, screen):
    formats = Formats.of(retail.settings.shop)
    page = screen(retail).open()
    for text, label in (("2011-10", "October 2011"), ("2011-Q3", "Q3 2011")):
        period = Period.parse(text)
        sql = "select net_amount, order_count, customer_count from period_metrics where period_kind = ? and period_start_date = ?"
        amount, orders, customers = gold(retail, sql, period.kind, period.first)[0]
        page.choose("Period", label)
        assert page.tile("Net revenue") == formats.money(amount)
        assert page.tile("Orders") == formats.count(orders)
        assert page.tile("Customers") == formats.count(customers)
        assert f"period={text}" in page.page.url
        changes_told = page.page.locator(".tile .change").all_inner_texts()
        assert len(changes_told) >= 5 and not [
            result for result in changes_told if "–" in result
        ]  # a size, not a blank


def test_every_change_is_described(retail, sheet):
    formats = Formats.of(retail.settings.shop)
    with open_published(retail.published) as connection:
        expected = [change.sentence for change in find_changes(connection, Period.parse("2011-11"), formats)]
    page = sheet(retail).open(period="2011-11")
    assert [html.unescape(output) for output in re.findall("<li>(.*?)</li>", page.markup)] == expected
    assert len(expected) > 3


def test_the_first_period_has_nothing_to_compare_with(retail, sheet):
    page = sheet(retail).open(period="2010-12")
    assert "No previous period to compare with" in page.text()
    assert 'class="change even"' in page.markup
    assert not re.search('class="change (good|bad)"', page.markup)


def test_an_unknown_period_is_reported(retail, sheet):
    assert "has no period “2035-01”" in sheet(retail).open(period="2035-01").text()


def test_the_data_below_a_chart_is_gold(retail, screen):
    page = screen(retail).open(period="all")
    rows = list(csv.DictReader(io.StringIO(page.csv("Net revenue by month"))))
    sql = "select net_amount from period_metrics where period_kind = 'month' order by period_start_date"
    assert [row["Net revenue"] for row in rows] == [str(amount) for (amount,) in gold(retail, sql)]
    output = page.definition("Net revenue by month")
    assert "gold.period_metrics" in output
    assert "Net revenue" in output


def test_a_filter_goes_along_to_the_next_page_and_says_that_it_does_not_apply(retail, screen):
    page = screen(retail).open(period="2011-10")
    page.page.get_by_role("link", name="Customers").click()
    page.page.get_by_label("Search customers").wait_for()
    page.painted()
    assert "Period “2011-10” does not apply" in page.text()
    assert "period=2011-10" in page.page.url


def test_nothing_is_published_yet(tmp_path_factory, sheet):
    from patron.project.project import Project
    from shops import contacts
    from shops.building import write_project

    project = Project.load(write_project(tmp_path_factory.mktemp("new"), contacts.settings(), {}))
    text = sheet(project).open().text()
    assert "Contacts has no published data yet" in text
    assert "patron run" in text
