"""The cafe by hand: visits, periods, sign-ups, margins, and what promotions do (tests/shops/cafe.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from patron.pipeline.status import status
from patron.project.project import Project
from shops import cafe
from shops.building import add_files, picked, write_project


@pytest.fixture(scope="module")
def shop(build_shop):
    return build_shop("cafe", cafe.settings(), cafe.FILES)


@pytest.fixture(scope="module")
def impact(shop):
    return shop.by("gold.promotion_impact", "comparison", "measure")


def test_receipts_are_told_apart_by_day_and_outlet(shop):
    lines = shop.rows("silver.order_lines")
    assert len(lines) == 28
    assert len({row["order_id"] for row in lines}) == 27
    assert {"2019-04-01/3/1", "2019-04-01/5/1", "2019-04-02/3/1"} <= {row["order_id"] for row in lines}


def test_guests_count_in_revenue_and_in_no_customer_measure(shop):
    last = shop.rows("gold.kpi_overall")[-1]
    assert picked(last, "net_amount", "guest_order_count", "order_count", "customer_count") == (320, 2, 27, 8)
    assert picked(last, "total_historical_clv", "average_historical_clv") == (310, Decimal("38.75"))
    assert "0" not in shop.by("gold.customer_360", "customer_id")


def test_stated_amounts_stay_beside_quantity_times_price(shop):
    odd = [row for row in shop.rows("silver.order_lines") if row["is_amount_mismatch"]]
    assert [picked(row, "line_amount", "stated_amount") for row in odd] == [(Decimal("2.5"), 1)]


def test_profile(shop):
    customers = shop.by("gold.customer_360", "customer_id")
    assert picked(customers["1"], "age_years", "age_band", "home_store_id") == (29, "25-34", "3")  # birthday today
    assert customers["2"]["age_years"] == 28  # birthday tomorrow
    assert picked(customers["1"], "email_domain", "is_email_valid") == ("example.com", True)
    assert picked(customers["9"], "order_count", "sign_up_age_days", "visits_per_week") == (0, 8, None)


def test_visits(shop):
    rows = shop.by("gold.customer_visit_segments", "customer_id")
    assert picked(rows["4"], "visit_count", "last_year_visit_count", "is_member") == (4, 4, False)
    assert rows["4"]["visits_per_week"] == pytest.approx(4 * 7 / 26)
    assert rows["4"]["visit_frequency"] == "Regular"
    assert rows["8"]["visits_per_week"] == pytest.approx(3 * 7 / 18)
    assert rows["2"]["visit_frequency"] == "Occasional"
    assert rows["5"]["visit_segment"] == "Occasional / High / member"
    assert "9" not in rows


def test_discount_usage(shop):
    customers = shop.by("gold.customer_360", "customer_id")
    columns = ("promoted_order_count", "discount_usage_rate", "first_promotion_date")
    assert picked(customers["1"], *columns) == (1, 0.25, date(2019, 4, 9))
    assert picked(customers["3"], *columns) == (0, 0.0, None)


def test_retention_by_period(shop):
    rows = shop.by("gold.period_metrics", "period_kind", "period_start_date")
    columns = ("customer_count", "new_customer_count", "previous_customer_count", "retained_customer_count")
    weeks = {day: picked(row, *columns) for (kind, day), row in rows.items() if kind == "week"}
    assert weeks == {
        date(2019, 4, 1): (7, 7, 0, 0),
        date(2019, 4, 8): (8, 1, 7, 7),
        date(2019, 4, 15): (6, 0, 8, 6),
        date(2019, 4, 22): (3, 0, 6, 3),
    }
    third = rows["week", date(2019, 4, 15)]
    assert picked(third, "retention_rate", "is_complete", "order_count", "net_amount") == (0.75, True, 7, 50)
    assert picked(rows["week", date(2019, 4, 22)], "is_complete", "retention_rate") == (True, 0.5)  # 28th: a Sunday
    assert rows["month", date(2019, 4, 1)]["incomplete_reason"] == "not over yet"
    month = rows["month", date(2019, 4, 1)]
    assert picked(month, "customer_count", "retention_rate", "net_amount", "guest_order_count") == (8, None, 320, 2)
    assert month["amount_per_customer"] == Decimal("38.75")


def test_sign_ups(shop):
    rows = shop.by("gold.signup_metrics", "signup_month_date")
    columns = ("signup_count", "member_count", "buyer_count", "bought_within_30_days_count", "is_30_days_observed")
    assert {day: picked(row, *columns) for day, row in rows.items()} == {
        date(2018, 12, 1): (1, 1, 1, None, True),
        date(2019, 3, 1): (5, 4, 5, None, True),
        date(2019, 4, 1): (3, 3, 2, None, False),
    }
    reasons = {day: picked(row, "buyer_rate", "unknown_reason") for day, row in rows.items()}
    assert reasons == {
        date(2018, 12, 1): (None, "signed up before the receipts begin"),
        date(2019, 3, 1): (None, "signed up before the receipts begin"),
        date(2019, 4, 1): (pytest.approx(2 / 3), "30 days are not over yet"),
    }
    assert rows[date(2019, 4, 1)]["amount_per_signup"] == 55  # 110 and 55 of three


def test_spending_by_visit(shop):
    rows = shop.by("gold.spending_by_visit", "visit_number")
    columns = ("visit_count", "followed_visit_count", "order_count", "spent_amount", "average_days_to_next")
    # first to second day: 7 days for 1 to 4, 8 for 5 and 6, 9 for 7, 6 for 8
    assert picked(rows[1], *columns) == (8, 8, 8, 205, 59 / 8)
    assert picked(rows[4], *columns[:4]) == (3, 0, 3, 25)
    assert picked(rows[4], "observed_visit_count", "came_again_rate", "average_days_to_next") == (0, None, None)
    # 8's second day, 04-16, is the only one that not everybody has had the 14 days of the churn window to follow
    assert picked(rows[2], "visit_count", "observed_visit_count", "followed_visit_count") == (8, 7, 5)
    assert picked(rows[2], "came_again_rate", "average_days_to_next") == (5 / 7, 34 / 5)


def test_margin_where_the_cost_is_known(shop):
    rows = shop.by("gold.product_margin", "product_id")
    columns = ("unit_count", "net_amount", "cost_amount", "margin_amount", "margin_rate", "margin_rank")
    assert picked(rows["10"], *columns) == (62, 310, 124, 186, 0.6, 1)
    assert picked(rows["20"], *columns) == (4, 10, None, None, None, None)
    assert rows["10"]["price_tier"] == "Budget"


def test_promoted_and_never_promoted(impact):
    row = impact["promoted and never promoted", "historical_clv"]
    assert picked(row, "promoted_count", "other_count", "promoted_mean", "other_mean") == (5, 3, 30.0, 53.3333)


def test_before_and_after(impact):
    row = impact["before and after", "net_amount"]  # 10 to 20, 10 to 0, 50 to 0, 5 to 10
    assert picked(row, "promoted_count", "promoted_mean", "other_mean", "difference") == (4, 7.5, 18.75, -11.25)
    error = 1.959964 * (2218.75 / 3 / 4) ** 0.5
    assert row["difference_high"] == pytest.approx(-11.25 + error, abs=1e-3)
    assert picked(row, "reading", "p_value") == ("not matched", None)


def test_matched_on_window_orders_and_earlier_spend(impact):
    # second week, one order in it, 10.00 before: 1 and 2 (20, 0) with 3, 4, 7 (5, 10, 5); third week, 5.00 before: 8 (10)
    # with 3, 4, 5, 7 (0, 5, 0, 5): that 7 is promoted in the week after chooses nobody. 6 had spent 50.00, as nobody else had
    row = impact["matched on window, orders and earlier spend", "net_amount"]
    assert picked(row, "promoted_count", "other_count", "unmatched_count") == (3, 7, 1)
    others = (2 * 20 / 3 + 10 / 4) / 3
    assert picked(row, "promoted_mean", "other_mean") == (10.0, pytest.approx(others, abs=1e-4))
    # squares 200 around 1 and 2, 50 / 3 around 3, 4 and 7; of the third week 70 around all five, which stand for 8, and 25
    second = 2**2 * (200 / 1 / 2 + 50 / 3 / 2 / 3)
    third = 70 / 4 / 1 + 25 / 3 / 4
    error = 1.959964 * ((second + third) / 9) ** 0.5
    assert row["difference_low"] == pytest.approx(10 - others - error, abs=1e-3)
    assert row["reading"] == "too few to compare"
    orders = impact["matched on window, orders and earlier spend", "order_count"]
    assert picked(orders, "promoted_mean", "other_mean") == (1.0, pytest.approx((2 * 1 + 2 / 4) / 3, abs=1e-4))


def test_a_corrected_receipt_replaces_the_old_one_everywhere(build_shop):
    shop = build_shop("cafe_corrected", cafe.settings(), cafe.FILES)
    before = {name: shop.by(f"measures.{name}", "customer_id") for name in ("customer_measures", "customer_habits")}
    add_files(shop.folder, {"201905 sales reciepts.csv": cafe.as_file([cafe.receipt(1, "17", 1, 10, 1, "5.00")])})
    shop.run()
    customers = shop.by("measures.customer_measures", "customer_id")
    assert picked(before["customer_measures"]["1"], "net_amount", "order_count") == (35, 4)
    assert picked(customers["1"], "net_amount", "order_count") == (25, 4)
    assert {who: row for who, row in customers.items() if who != "1"} == {
        who: row for who, row in before["customer_measures"].items() if who != "1"
    }
    assert shop.by("gold.daily_metrics", "activity_date")[date(2019, 4, 17)]["net_amount"] == 5
    assert shop.by("gold.product_margin", "product_id")["10"]["unit_count"] == 60
    assert shop.rows("gold.kpi_overall")[-1]["net_amount"] == 310
    assert sum(row["raw_amount"] for row in shop.rows("measures.ledger")) == 310
    accounts = shop.by("quarantine.row_accounting", "source_name", "entity")["receipts", "order_lines"]
    assert picked(accounts, "row_count", "silver_count", "duplicate_count") == (29, 28, 1)


def test_a_late_receipt_changes_its_customer_only(build_shop):
    shop = build_shop("cafe_late", cafe.settings(), cafe.FILES)
    before = shop.by("measures.customer_measures", "customer_id")
    add_files(shop.folder, {"late sales reciepts.csv": cafe.as_file([cafe.receipt(77, "03", 2, 10, 1, "5.00")])})
    assert shop.run().landed["receipts"].rows == 1
    after = shop.by("measures.customer_measures", "customer_id")
    assert {who for who in after if after[who] != before[who]} == {"2"}
    assert picked(after["2"], "net_amount", "order_count") == (20, 3)


def test_nothing_is_annualised_from_a_month(shop):
    rows = shop.by("gold.customer_clv", "customer_id").values()
    columns = ("run_rate_clv_1y", "run_rate_clv_3y", "run_rate_clv_5y")
    assert {picked(row, *columns) for row in rows} == {(None, None, None)}


def test_status_says_where_each_source_stands(shop):
    now = datetime(2019, 4, 28, 13, 30, tzinfo=UTC)  # half past nine in New York
    rows = {row.source: row for row in status(shop.project, now=now)}
    receipts = rows["receipts"]
    assert (receipts.files, receipts.rows, receipts.rejected, receipts.quarantined) == (1, 28, 0, 0)
    assert (receipts.last_event, receipts.lag_days) == (datetime(2019, 4, 25, 9, 30), 3.0)
    assert (receipts.last_batch, receipts.batches_behind) == (1, 0)
    assert (rows["products"].last_event, rows["products"].lag_days) == (None, None)


def test_status_before_the_first_run_and_behind(tmp_path):
    folder = write_project(tmp_path / "cafe", cafe.settings(), cafe.FILES)
    empty = status(Project.load(folder))
    assert [(row.rows, row.last_batch, row.last_landed_at) for row in empty] == [(0, None, None)] * 5
