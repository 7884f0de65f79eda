"""Attributes of customers, and what goes with them, by hand: tests/shops/delivery.py."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from patron.errors import SettingsError
from patron.project.project import Project
from shops import delivery
from shops.building import BuiltShop, picked, write_project

LARGE = [(1, 1_000_000), (2, 3_000_000)]


@pytest.fixture(scope="module")
def segments(delivery_shop):
    return delivery_shop.by("gold.survey_segments", "attribute", "answer")


def test_silver_keeps_what_no_other_column_reads(delivery_shop):
    kept = json.loads(delivery_shop.by("silver.customers", "customer_id")["c3"]["attributes"])
    assert kept == {
        "Age": None,  # `NaN ` was written
        "Marital_Status": "Married",
        "Medium_P1_": "Phone",
        'It\'s_"late"/~': "Disagree",
        "Pin_code": "3",
    }


def test_one_answer_a_row(delivery_shop):
    answers = delivery_shop.by("measures.customer_attributes", "customer_id", "attribute")
    assert len(answers) == 6 * 5 - 1 - 1 - 2  # of 6 x 5 one age, one medium and two opinions are blank
    assert answers["c2", "Marital_Status"]["answer"] == "Single"  # `Single ` was written
    assert answers["c1", 'It\'s_"late"/~']["answer"] == "Agree"


def test_customers_orders_and_money_of_an_answer(segments):
    row = segments["Marital_Status", "Single"]  # c1 three orders of 40.00, c2 two of 45.00, c6 none
    assert picked(row, "customer_count", "buyer_count", "order_count", "net_amount") == (3, 2, 5, Decimal(85))
    assert row["orders_per_customer"] == pytest.approx(5 / 3)
    assert row["amount_per_customer"] == Decimal("28.3333")
    # orders 3, 2, 0: variance (13 - 25/3) / 2, standard error sqrt(variance / 3) = 0.8819
    assert row["orders_per_customer_low"] == pytest.approx(5 / 3 - 1.959964 * 0.881917, abs=1e-5)
    assert row["orders_per_customer_high"] == pytest.approx(5 / 3 + 1.959964 * 0.881917, abs=1e-5)


def test_churn_of_an_answer_beside_the_others(segments):
    row = segments["Marital_Status", "Single"]
    # c1 was here 81 days ago and c2 40; c3 6. c4 came yesterday, and cannot have churned within the window of 30 days
    columns = ("followed_count", "churned_count", "churn_rate", "other_followed_count", "other_churn_rate")
    assert picked(row, *columns) == (2, 2, 1.0, 1, 0.0)
    # Wilson for 2 of 2: from 2 / (2 + 1.96^2) = 0.342380; for 0 of 1 to 1.96^2 / (1 + 1.96^2) = 0.793450
    assert picked(row, "churn_rate_low", "churn_rate_high") == (pytest.approx(0.342380, abs=1e-6), 1.0)
    # Newcombe: 1 - sqrt(0.657620^2 + 0.793450^2)
    low = 1 - (0.657620**2 + 0.793450**2) ** 0.5
    assert picked(row, "difference", "difference_low") == (1.0, pytest.approx(low, abs=1e-5))
    assert picked(row, "reading", "p_value") == ("too few to compare", None)


def test_large_amounts_have_an_interval_too(tmp_path):
    """1 and 3 million: their squares have more digits than a 64-bit number, and were an error once."""
    orders = [{**delivery.ORDERS[0], "number": n, "who": f"c{n}", "amount": f"{amount}.00"} for n, amount in LARGE]
    sources = {name: delivery.settings()["sources"][name] for name in ("orders", "survey")}
    files = {"orders.csv": orders, "survey.csv": delivery.SURVEY[:2]}
    shop = BuiltShop(write_project(tmp_path, delivery.settings(sources=sources), files))
    shop.run()
    row = shop.by("gold.survey_segments", "attribute", "answer")["Marital_Status", "Single"]
    assert picked(row, "net_amount", "amount_per_customer") == (Decimal(4_000_000), Decimal(2_000_000))
    # variance 2 x 10^12, of the mean of two 10^12
    assert row["amount_per_customer_low"] == pytest.approx(2_000_000 - 1_959_963.984540054)
    assert row["amount_per_customer_high"] == pytest.approx(2_000_000 + 1_959_963.984540054)


def test_an_attribute_of_many_answers_is_no_group(segments):
    assert {attribute for attribute, _ in segments} == {"Age", "Marital_Status", "Medium_P1_", 'It\'s_"late"/~'}


def test_answers_of_few_customers_are_not_shown(tmp_path):
    settings = delivery.settings(surveys={"least_customers": 3})
    shop = BuiltShop(write_project(tmp_path, settings, delivery.FILES))
    shop.run()
    shown = {(row["attribute"], row["answer"]): row["customer_count"] for row in shop.rows("gold.survey_segments")}
    assert shown == {
        ("Age", "20"): 3,
        ("Marital_Status", "Single"): 3,
        ("Marital_Status", "Married"): 3,
        ("Medium_P1_", "App"): 4,
        ('It\'s_"late"/~', "Agree"): 3,
    }
    row = shop.by("gold.survey_segments", "attribute", "answer")["Medium_P1_", "App"]
    assert picked(row, "followed_count", "other_followed_count") == (2, 1)  # who said Phone is among the others


def test_nothing_personal_comes_in_by_attributes(delivery_shop):
    shown = delivery_shop.query("""
        select attributes as said from silver.customers
        union all select answer from measures.customer_attributes
        union all select answer from gold.survey_segments
    """)
    assert not [row for row in shown if "example.com" in str(row["said"]) or "Ann" in str(row["said"])]


def settings_with(attributes: object) -> dict:
    settings = delivery.settings()
    settings["sources"]["survey"]["entities"]["customers"]["columns"]["attributes"] = attributes
    return settings


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (["Age", "mail"], "'mail' fills email, which is personal"),
        (["Age", " age"], "lists ' age' twice"),
        ({"expression": "all", "format": "%Y"}, "has no format"),
    ],
)
def test_wrong_attributes_are_refused_before_any_data_is_read(attributes, words, tmp_path):
    folder = write_project(tmp_path, settings_with(attributes), {})
    with pytest.raises(SettingsError, match=words):
        Project.load(folder)


def test_a_list_belongs_to_attributes_only(tmp_path):
    settings = delivery.settings()
    settings["sources"]["survey"]["entities"]["customers"]["columns"]["city"] = ["Age"]
    with pytest.raises(SettingsError, match="city takes one value"):
        Project.load(write_project(tmp_path, settings, {}))


def test_an_attribute_that_the_source_lacks_is_named(tmp_path):
    shop = BuiltShop(write_project(tmp_path, settings_with(["Age", "Shoe size"]), delivery.FILES))
    with pytest.raises(Exception, match="Shoe size"):
        shop.run()


def test_a_list_keeps_the_spelling_of_the_mapping(tmp_path):
    wanted = ["Medium (P1)", "marital status"]
    shop = BuiltShop(write_project(tmp_path, settings_with(wanted), delivery.FILES))
    shop.run()
    assert {row["attribute"] for row in shop.rows("measures.customer_attributes")} == set(wanted)
