"""The page of reviews and delivery: ratings, minutes, who buys again and what customers say are gold's."""

from __future__ import annotations

from gold_rows import gold, records

from patron.project.number_format import Formats


def test_the_sound_of_reviews_is_gold(delivery, sheet):
    formats = Formats.of(delivery.settings.shop)
    page = sheet(delivery).open("reviews_and_delivery")
    sql = (
        "select review_count, positive_rate from gold.review_analytics where period_kind = 'all' and breakdown = 'all'"
    )
    count, positive = gold(delivery, sql)[0]
    assert page.tile("Reviews") == formats.count(count)
    assert page.tile("Positive") == formats.share(positive)
    assert len(page.table("Reviews in detail")) == 3


def test_ratings_add_up(retailer, sheet):
    page = sheet(retailer).open("reviews_and_delivery")
    shown = records(page.csv("Ratings"))
    assert sum(int(row["Reviews"]) for row in shown if row["Breakdown"] == "rating") == int(
        page.tile("Reviews").replace(",", "")
    )
    assert "No source maps deliveries" in page.text()


def test_a_chosen_factor_is_gold(delivery, sheet):
    formats = Formats.of(delivery.settings.shop)
    page = sheet(delivery).open("reviews_and_delivery")
    page.choose("Deliveries by", "Weather")
    assert "factor=weather" in page.url
    sql = "select factor_value, delivery_count, average_delivery_minutes from gold.delivery_quality where factor = 'weather'"
    expected = {name: [formats.count(n), formats.count(minutes, digits=1)] for name, n, minutes in gold(delivery, sql)}
    shown = {row[0]: row[1:3] for row in page.table("Deliveries in detail")}
    expected["Unknown"] = expected.pop("unknown", expected.get("Unknown"))
    assert shown == {name: row for name, row in expected.items() if row}


def test_who_buys_again_is_gold(delivery, sheet):
    formats = Formats.of(delivery.settings.shop)
    page = sheet(delivery).open("reviews_and_delivery", comparison="vehicle")
    output = page.text()
    sql = "select repeat_rate, customer_count from gold.delivery_impact where comparison = 'vehicle'"
    for rate, customers in gold(delivery, sql):
        assert f"{formats.share(rate)} of {formats.count(customers)}" in output


def test_answers_of_a_survey_are_gold(delivery, sheet):
    formats = Formats.of(delivery.settings.shop)
    page = sheet(delivery).open("reviews_and_delivery", attribute="Occupation")
    output = page.text()
    sql = "select answer, amount_per_customer, churn_rate from gold.survey_segments where attribute = 'Occupation'"
    for answer, amount, churned in gold(delivery, sql):
        assert answer in output
        assert formats.money(amount) in output
        assert formats.share(churned, digits=1) in output
    rows = records(page.csv("Churn rate by answer"))
    assert len(rows) == len(gold(delivery, sql))


def test_missing_mappings_are_named(retail, sheet):
    output = sheet(retail).open("reviews_and_delivery").text()
    assert "Reviews and delivery: no data" in output
    assert "o source maps" in output
