"""The page of churn and retention in a browser: risk, trends, cohorts, survival and support are gold's."""

from __future__ import annotations

import pytest
from gold_rows import gold, records

from patron.project.number_format import Formats

RISK = "Value by tier and churn risk"
LOST = "Churn rate by month"
COHORTS = "Cohort retention"
SUPPORT = "Support contacts and retention"


def test_tiles_are_gold_and_follow_the_url(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    for condition, requested in (("true", {}), ("segment = 'Champions'", {"segment": "Champions"})):
        page = sheet(retailer).open("churn_and_retention", **requested)
        buyers, churned = gold(
            retailer,
            f"select count(*), count(*) filter (where is_churned) from customer_360 where order_count > 0 and {condition}",
        )[0]
        stake = gold(
            retailer,
            f"select sum(predicted_clv_1y * churn_probability_90d) from customer_churn join customer_360 using (customer_id) where {condition}",
        )[0][0]
        assert page.tile("Customers to date") == formats.count(buyers)
        assert page.tile("Churned") == formats.count(churned)
        assert page.tile("Active customers") == formats.count(buyers - churned)
        assert page.tile("Value at stake") == formats.short_money(stake)


def test_the_risk_heatmap_is_gold_by_silence_and_by_the_model(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("churn_and_retention")
    tiers = [row[0] for row in gold(retailer, "select clv_tier from dim_clv_tier order by tier_order desc")]
    groups = [row[0] for row in gold(retailer, "select churn_group from dim_churn_group order by risk_order")]
    sql = "select clv_tier, churn_group, count(*), sum(historical_clv) from customer_360 where order_count > 0 group by all"
    cells = {row[:2]: row[2:] for row in gold(retailer, sql)}
    for tier, row in zip(tiers, page.table(RISK), strict=True):
        for group, text in zip(groups, row, strict=True):
            count, amount = cells[tier, group]
            assert text.split("\n") == [formats.short_money(amount), formats.count(count)]
    page.choose("Risk by", "Churn model, next 90 days")
    assert "risk=model" in page.url
    result = records(page.csv(RISK))
    scored = gold(retailer, "select count(churn_probability_90d) from customer_churn")[0][0]
    assert sum(int(row["Customers"]) for row in result) == scored


def test_trends_are_by_month_or_within_a_period_by_week(retail, sheet):
    sql = """
    select period_start_date::varchar, window_churn_rate from churn_by_period
    where period_kind = ? and is_complete and period_start_date between ? and ? order by 1
    """
    page = sheet(retail).open("churn_and_retention", period="2011-11")
    result = [(row["Period"], float(row["Window churn"])) for row in records(page.csv("Churn rate by week"))]
    assert result == gold(retail, sql, "week", "2011-11-01", "2011-11-30")
    page.open("churn_and_retention")
    result = [(row["Period"], float(row["Window churn"])) for row in records(page.csv(LOST))]
    assert result == gold(retail, sql, "month", "2011-04-01", "2011-12-31")  # nobody can be lost before all of March


def test_churn_is_left_out_before_the_churn_window_has_passed(retail, sheet):
    page = sheet(retail).open("churn_and_retention", period="2010-12")
    assert "began with active customers" in page.text()


def test_the_cohort_triangle_is_gold_by_customers_and_by_revenue(retail, sheet):
    formats = Formats.of(retail.settings.shop)
    page = sheet(retail).open("churn_and_retention")
    for column in ("retention_rate", "revenue_retention_rate"):
        first = "select min(cohort_month_date) from cohort_retention where is_new"
        sql = f"select {column} from cohort_retention where cohort_month_date = ({first}) and months_since > 0 and is_complete order by months_since"
        cells = page.table(COHORTS)[0]
        rates = [formats.share(row[0]) for row in gold(retail, sql)]
        assert cells[1 : 1 + len(rates)] == rates
        assert set(cells[1 + len(rates) :]) <= {""}
        if column == "retention_rate":
            page.choose("Retention of", "Revenue")


def test_cohorts_of_the_datas_first_days_are_left_out_and_the_page_says_so(retail, sheet):
    page = sheet(retail).open("churn_and_retention")
    (since,) = gold(retail, "select min(new_since_date) from cohort_retention where not is_new")[0]
    assert since is not None
    assert page.text().count(f"Customers first seen before {Formats.of(retail.settings.shop).day(since)}") == 2
    new = gold(
        retail,
        "select count(distinct cohort_month_date) from cohort_retention where is_new and is_complete and months_since > 0",
    )
    assert len(page.table(COHORTS)) == new[0][0]


def test_survival_of_all_new_cohorts_is_in_the_csv(retail, sheet):
    rows = records(sheet(retail).open("churn_and_retention").csv("Customer survival by cohort"))
    sql = "select survival_rate from survival_by_cohort where is_new order by cohort_month_date, weeks_since"
    assert [float(row["Survival"]) for row in rows] == pytest.approx([row[0] for row in gold(retail, sql)])


def test_support_chart_follows_the_selected_outcome(retailer, sheet):
    page = sheet(retailer).open("churn_and_retention")
    page.choose("Outcome", "Ordered again soon after")
    assert "outcome=later_purchase" in page.url
    sql = "select group_name, outcome_rate from support_impact where outcome = 'later_purchase' and outcome_rate is not null"
    result = {(row["Group name"], float(row["Outcome"])) for row in records(page.csv(SUPPORT))}
    assert result == set(gold(retailer, sql))


def test_a_shop_without_support_says_what_to_map(retail, sheet):
    assert "No source maps service interactions" in sheet(retail).open("churn_and_retention").text()
