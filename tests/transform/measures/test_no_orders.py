"""A shop that knows people and no order: attributes are kept, nothing is measured over time, and the run says so."""

from __future__ import annotations

import pytest

from patron.cli.output.run import describe_empty_tables
from shops.building import picked, table_rows

SURVEY = table_rows("""
id | age | sex | place   | amount | before | gap | member | stars
1  | 55  | F   | Maine   | 53     | 14     | 14  | Yes    | 3.1
2  | 19  | M   | Vermont | 64     | 2      | 365 | No     | 4
""")


@pytest.fixture(scope="module")
def shop(build_shop):
    columns = {
        "customer_id": "id",
        "age_years": "age",
        "gender": "sex",
        "region": "place",
        "is_loyalty_member": "member",
        "stated_order_amount": "amount",
        "stated_order_count": '"before"',
        "stated_order_gap_days": "gap",
    }
    source = {"files": "survey.csv", "entities": {"customers": {"columns": columns}}}
    return build_shop("survey", {"shop": {"name": "Survey"}, "sources": {"survey": source}}, {"survey.csv": SURVEY})


def test_people_are_kept_with_what_was_stated(shop):
    rows = shop.by("gold.customer_360", "customer_id")
    columns = ("age_band", "region", "is_loyalty_member", "stated_order_count", "stated_order_amount")
    assert picked(rows["1"], *columns) == ("55-64", "Maine", True, 14, 53)
    assert picked(rows["1"], "order_count", "net_amount", "segment", "as_of_date", "is_active") == (
        *(0, 0, None, None),
        False,
    )


def test_no_order_is_invented(shop):
    for table in ("customer_rfm", "customer_clv", "customer_segments", "daily_metrics", "period_metrics"):
        assert shop.rows(f"gold.{table}") == []
    assert shop.rows("silver.order_lines") == []


def test_the_run_says_which_tables_stay_empty_and_why(shop):
    reasons = shop.report.empty_tables
    assert reasons["daily_metrics"] == "no source maps order_lines"
    assert reasons["customer_segments"] == "no source maps order_lines.customer_id"
    assert reasons["support_impact"] == "no source maps service_interactions and order_lines.customer_id"
    assert "customer_360" not in reasons
    output = "\n".join(describe_empty_tables(reasons))
    assert "daily_metrics" in output
    assert "no source maps order_lines" in output
    assert set(reasons) == {table for table in shop.gold_tables() if not shop.rows(f"gold.{table}")}


def test_every_empty_table_has_its_reason(shop):
    assert all(reason.startswith("no source maps ") for reason in shop.report.empty_tables.values())
