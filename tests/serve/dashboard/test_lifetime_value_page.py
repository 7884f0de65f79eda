"""The page of lifetime value in a browser: what it shows is gold's, by the measure and the filters of the URL."""

from __future__ import annotations

import statistics
from itertools import pairwise

import pytest
from gold_rows import gold, records
from nasty_names import PASSWORDS

from patron.project.number_format import Formats
from patron.serve.dashboard.pages.lifetime_value.distribution import list_steps

SPREAD = "Distribution of customer value"
COLUMNS = {"spent": "historical_clv", "expected": "predicted_clv_1y", "total": "total_clv"}


def values(project, column, condition="true"):
    return [
        float(row[0])
        for row in gold(project, f"select {column} from customer_360 where {column} is not null and {condition}")
    ]


@pytest.mark.parametrize("choice", COLUMNS)
def test_tiles_and_distribution_are_gold_by_each_measure(retailer, sheet, choice):
    formats = Formats.of(retailer.settings.shop)
    known = values(retailer, COLUMNS[choice])
    page = sheet(retailer).open("lifetime_value", value=choice)
    assert page.tile("Mean per customer") == formats.money(statistics.fmean(known))
    assert page.tile("Median per customer") == formats.money(statistics.median(known))
    bins = [(float(row["At least value"]), int(row["Customers"])) for row in records(page.csv(SPREAD))]
    ends = [*list_steps([0.0, 10.0**9]), float("inf")]
    counted = [(low, sum((low or -1e9) <= value < high for value in known)) for low, high in pairwise(ends)]
    assert bins == [pair for pair in counted if pair[1]]


def test_the_best_tenth_is_worked_out_by_hand(retail, sheet):
    known = sorted(values(retail, "historical_clv"))
    cut = statistics.quantiles(known, n=10, method="inclusive")[-1]
    share = sum(value for value in known if value >= cut) / sum(known)
    page = sheet(retail).open("lifetime_value")
    assert page.tile("Top decile") == Formats.of(retail.settings.shop).share(share)


def test_filters_of_the_url_reach_tiles_and_tiers_and_top(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    condition = "segment = 'Champions' and preferred_channel = 'online'"
    page = sheet(retailer).open("lifetime_value", segment="Champions", channel="online")
    assert page.tile("Customers") == formats.count(len(values(retailer, "historical_clv", condition)))
    sql = f"select clv_tier, count(*) from customer_360 join dim_clv_tier using (clv_tier) where {condition} group by clv_tier, tier_order order by tier_order desc"
    rows = page.table("Value per customer by tier")
    assert [tuple(row[:2]) for row in rows] == [(tier, formats.count(count)) for tier, count in gold(retailer, sql)]
    best = gold(
        retailer, f"select customer_id from customer_360 where {condition} order by historical_clv desc, 1 limit 15"
    )
    assert [(row[0],) for row in page.table("Most valuable customers")] == best
    assert "The filters do not apply here" in page.text()


def test_a_top_customer_leads_to_their_card(retailer, screen):
    page = screen(retailer).open("lifetime_value", value="expected")
    best = gold(retailer, "select customer_id from customer_360 order by predicted_clv_1y desc nulls last, 1 limit 1")[
        0
    ][0]
    page.page.get_by_role("table", name="Most valuable customers").get_by_role("link").first.click()
    page.page.wait_for_url(f"**/customers?customer={best}*")
    page.painted()


def test_the_holdout_compares_predicted_and_observed(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("lifetime_value")
    model = gold(retailer, "select model from prediction_status where prediction = 'purchases'")[0][0]
    sql = "select sum(value) from model_scores where model = ? and measure = ?"
    output, came = (gold(retailer, sql, model, f"{which}_purchases")[0][0] for which in ("predicted", "actual"))
    assert f"{formats.count(output)} purchases predicted, {formats.count(came)} observed" in page.text()
    first = page.table("Model against simple baselines")[0]
    assert first[:3] == ["MBG/NBD" if model == "MBGNBD" else first[0], formats.count(output), formats.count(came)]
    tenths = records(page.csv("Forecast accuracy"))
    expected = gold(
        retailer,
        """select sum(actual * customer_count) / sum(customer_count) from model_calibration
        where prediction = 'purchases' and model = ? group by bin order by bin""",
        model,
    )
    assert [float(row["Actual"]) for row in tenths] == pytest.approx([row[0] for row in expected])


def test_cohorts_add_up_what_their_customers_brought(retail, sheet):
    rows = records(sheet(retail).open("lifetime_value").csv("Cumulative revenue per customer by cohort"))
    (first,) = gold(retail, "select min(cohort_month_date) from cohort_retention where is_new")[0]
    last = [row for row in rows if row["First order in"] == str(first)][-1]
    sql = f"select sum(net_amount) / any_value(customer_count) from cohort_retention where cohort_month_date = '{first}' and is_complete"
    assert float(last["Revenue per customer"]) == pytest.approx(float(gold(retail, sql)[0][0]))


def test_new_customer_value_is_shown_by_acquisition(retailer, sheet):
    page = sheet(retailer).open("lifetime_value", acquired="channel")
    rows = records(page.csv("Expected first-year value of a new customer"))
    sql = "select acquired_by, expected_value_1y from new_customer_value where acquired_through = 'channel' order by 2 desc"
    result = [(row["Acquired by"], float(row["Expected value 1 year"])) for row in rows]
    assert result == gold(retailer, sql)


def test_without_predictions_the_page_says_why(odd_shop, screen):
    page = screen(odd_shop).open("lifetime_value")
    page.sign_in("ben", PASSWORDS["ben"])
    missing = gold(odd_shop, "select what_is_missing from prediction_status where prediction = 'purchases'")[0][0]
    assert page.text().count(missing) >= 2
    assert page.page.get_by_label("Measure of value").count() == 0


def test_what_goes_with_buying_more_is_gold_by_process(retailer, sheet):
    title, formats = (
        "What goes with buying more often, staying longer, spending more",
        Formats.of(retailer.settings.shop),
    )
    shown = "multiplier is not null and reading <> 'too few to compare'"
    counts = dict(gold(retailer, f"select process, count(*) from covariate_effects where {shown} group by process"))
    assert counts
    for process, count in counts.items():
        page = sheet(retailer).open("lifetime_value", process=process)
        rows = records(page.csv(title))
        assert len(rows) == count
        sql = f"select level, reference_level, multiplier from covariate_effects where process = ? and {shown} order by covariate, multiplier desc, level limit 1"
        level, reference, multiplier = gold(retailer, sql, process)[0]
        assert float(rows[0]["Multiplier"]) == pytest.approx(multiplier)
        assert f": {level} ({reference})\n{formats.count(multiplier, digits=2)}×" in page.text()
        assert "An association: it does not say why" in page.text()
