"""The page of campaigns in a browser: credit, conversion, funnel and ranking are gold's, by what the URL chooses."""

from __future__ import annotations

import pytest
from gold_rows import gold, records

from patron.project.number_format import Formats

CREDIT = "Attributed revenue by campaign"
FUNNEL = "Conversion funnel"
MODELS = {
    "last_touch": "Last touch",
    "first_touch": "First touch",
    "linear": "Linear",
    "position_based": "Position-based",
    "time_decay": "Time decay",
}


def credited(project, model):
    sql = "select campaign, credited_amount from campaign_attribution where attribution_model = ? order by credited_rank, campaign"
    return [(campaign, pytest.approx(float(amount))) for campaign, amount in gold(project, sql, model)]


def read_attribution(page):
    return [(row["Campaign"], float(row["Attributed revenue"])) for row in records(page.csv(CREDIT))]


def test_the_attribution_model_is_chosen_and_stands_in_the_url(retailer, sheet):
    page = sheet(retailer).open("campaigns")
    seen = []
    for model, name in MODELS.items():
        if model != "last_touch":
            page.choose("Attribution model", name)
            assert f"model={model}" in page.url
        assert read_attribution(page) == credited(retailer, model)
        seen.append(page.chart(CREDIT))
    assert len(set(seen)) > 1


def test_a_link_opens_the_chosen_model(retailer, sheet):
    page = sheet(retailer).open("campaigns", model="first_touch")
    assert read_attribution(page) == credited(retailer, "first_touch")
    assert read_attribution(page.open("campaigns", model="no such model")) == credited(retailer, "last_touch")


def test_the_models_are_compared(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("campaigns")
    compared = page.by_heading("Attribution models compared")
    assert compared
    several, every = gold(
        retailer, "select max(multi_touch_conversion_count), max(conversion_count) from campaign_attribution"
    )[0]
    assert f"{formats.count(several)} of {formats.count(every)} conversions had more than one touch" in page.text()
    for campaign, cells in compared.items():
        for model, cell in zip(MODELS, cells, strict=True):
            sql = "select credited_rate, credited_rank from campaign_attribution where campaign = ? and attribution_model = ?"
            rate, rank = gold(retailer, sql, campaign, model)[0]
            assert cell.split("\n") == [formats.share(rate, digits=1), f"#{rank}"]


def test_tiles_and_ranking_are_gold(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("campaigns")
    sessions, orders, revenue = gold(
        retailer, "select sum(session_count), sum(conversion_count), sum(revenue_amount) from campaign_performance"
    )[0]
    assert page.tile("Sessions") == formats.count(sessions)
    assert page.tile("Conversion rate") == formats.share(orders / sessions, digits=1)
    assert page.tile("Revenue") == formats.short_money(revenue)
    ranked = gold(
        retailer, "select campaign, session_count, conversion_count from campaign_performance order by revenue_rank"
    )
    shown = [tuple(row[:3]) for row in page.table("Campaign performance")]
    assert shown == [(name, formats.count(came), formats.count(ordered)) for name, came, ordered in ranked]


def test_the_funnel_is_of_one_campaign_or_of_all(retailer, sheet):
    page = sheet(retailer).open("campaigns")
    everything = gold(
        retailer, "select sum(session_count) from campaign_funnel group by step_order order by step_order"
    )
    assert [(int(row["Sessions"]),) for row in records(page.csv(FUNNEL))] == everything
    page.choose("Campaign", "E-mails")
    assert "campaign=E-mails" in page.url
    sql = "select session_count from campaign_funnel where campaign = 'E-mails' order by step_order"
    assert [(int(row["Sessions"]),) for row in records(page.csv(FUNNEL))] == gold(retailer, sql)


def test_a_shop_without_campaigns_says_what_to_map(retail, sheet):
    assert "No source maps campaign touches" in sheet(retail).open("campaigns").text()
