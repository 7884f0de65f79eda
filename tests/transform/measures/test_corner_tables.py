"""The big table, the star and the days of the corner shop, worked out by hand. The shop: tests/shops/corner.py."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from shops.building import picked

D = Decimal

BUYERS = ["ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ivy", "ned"]


def day(month: int, number: int) -> dt.date:
    return dt.date(2024, month, number)


class TestOneBigTable:
    def test_who_is_in_it(self, corner_shop):
        assert sorted(corner_shop.by("gold.customer_360", "customer_id")) == sorted([*BUYERS, "joe", "ret", "zed"])

    def test_a_buyer(self, corner_shop):
        assert corner_shop.by("gold.customer_360", "customer_id")["ann"] == {
            "customer_id": "ann",
            "customer_name": "Ann",
            "email": "ann@new.test",
            "country": "Ireland",
            "region": None,
            "city": "Cork",
            **dict.fromkeys(["gender", "age_years", "age_band", "income_band", "credit_band"]),
            "email_domain": "new.test",
            "is_email_valid": True,
            "signed_up_at": dt.datetime(2023, 1, 1, 8),
            "sign_up_age_days": 365 + 182,
            "is_loyalty_member": True,
            **dict.fromkeys(["home_store_id", "stated_order_count", "stated_order_gap_days", "stated_order_amount"]),
            "loyalty_account_count": 0,
            **dict.fromkeys(["loyalty_tier", "loyalty_tier_rank", "points_earned", "points_redeemed"]),
            "assumed": None,
            "loyalty_tenure_days": None,
            "first_seen_date": day(4, 2),
            "first_order_date": day(4, 2),
            "last_order_date": day(6, 20),
            "days_since_last_order": 11,
            "tenure_days": 90,
            "order_count": 4,
            "purchase_day_count": 3,
            "unit_count": 8,
            "gross_amount": D(69),
            "discount_amount": D("-0.5"),
            "refund_amount": D(-10),
            "net_amount": D("58.5"),
            "average_order_value": D("14.625"),
            "average_order_value_before_refunds": D("17.125"),  # (69 - 0.50) / 4
            "average_line_value": D("11.7"),
            "recency_score": 5,
            "frequency_score": 5,
            "monetary_score": 4,
            "segment": "Champions",
            "recommended_action": "Reward and retain",
            "churn_risk": "Low",
            "historical_clv": D("58.5"),
            "formula_clv_revenue": D("14.4247"),
            "formula_clv_profit": D("4.3274"),
            **dict.fromkeys(["run_rate_clv_1y", "run_rate_clv_3y", "run_rate_clv_5y"]),  # 90 days are no year
            "clv_tier": "High",
            "clv_percentile_rate": 0.8,  # eve and gus are worth more
            **dict.fromkeys(["probability_alive", "expected_purchases_90d", "total_clv"]),  # too small a shop
            **dict.fromkeys(["predicted_clv_1y", "predicted_clv_3y"]),
            "is_churned": False,
            "churn_group": "Low",
            "is_active": True,
            "engagement_level": "Low",
            "preferred_channel": None,
            "preferred_channel_share": None,
            "channel_count": 0,
            "promoted_order_count": 1,  # the first, by a line's discount
            "discount_usage_rate": 0.25,
            "first_promotion_date": day(4, 2),
            "visit_count": 4,
            "last_year_visit_count": 4,
            "visits_per_week": pytest.approx(4 * 7 / 90, abs=1e-12),
            **dict.fromkeys(["interaction_count", "resolved_interaction_count", "escalated_interaction_count"], 0),
            **dict.fromkeys(["resolution_rate", "last_contact_date", "days_since_last_contact"]),
            "session_count": 0,
            "conversion_count": 0,
            "last_campaign": None,
            "last_session_date": None,
            "repeat_count": 1,  # the 10.00 of 20 June came back
            "recency_weeks": pytest.approx(43 / 7, abs=1e-12),
            "age_weeks": pytest.approx(90 / 7, abs=1e-12),
            "as_of_date": day(7, 1),
        }

    def test_on_file_and_never_came(self, corner_shop):
        joe = corner_shop.by("gold.customer_360", "customer_id")["joe"]
        told = {name: value for name, value in joe.items() if value is not None}
        assert told == {
            "customer_id": "joe",
            "customer_name": "Joe",
            "signed_up_at": dt.datetime(2024, 2, 2, 8),
            "sign_up_age_days": 150,
            "is_active": False,
            "engagement_level": "None",
            **dict.fromkeys(["loyalty_account_count", "channel_count", "promoted_order_count", "visit_count"], 0),
            **dict.fromkeys(["last_year_visit_count", "interaction_count", "resolved_interaction_count"], 0),
            **dict.fromkeys(["escalated_interaction_count", "session_count", "conversion_count"], 0),
            **dict.fromkeys(["order_count", "purchase_day_count", "unit_count"], 0),
            **dict.fromkeys(["gross_amount", "discount_amount", "refund_amount", "net_amount"], 0),
            "as_of_date": day(7, 1),
        }

    def test_came_and_never_bought(self, corner_shop):
        """Their refunds count; they have no scores, value or risk."""
        ret = corner_shop.by("gold.customer_360", "customer_id")["ret"]
        assert picked(ret, "first_seen_date", "order_count", "refund_amount", "net_amount") == (
            day(6, 10),
            0,
            D(-6),
            D(-6),
        )
        absent = ("days_since_last_order", "tenure_days", "average_order_value", "recency_score", "segment", "clv_tier")
        absent += ("historical_clv", "formula_clv_profit", "is_churned", "churn_group", "repeat_count", "age_weeks")
        assert picked(ret, *absent) == (None,) * len(absent)

    def test_each_customer_table_holds_the_buyers(self, corner_shop):
        for table in ("customer_rfm", "customer_segments", "customer_clv", "customer_churn", "fct_customer_metrics"):
            assert sorted(corner_shop.by(f"gold.{table}", "customer_id")) == BUYERS, table


class TestStar:
    def test_the_fact_says_what_the_big_table_says(self, corner_shop):
        whole = corner_shop.by("gold.customer_360", "customer_id")
        for who, row in corner_shop.by("gold.fct_customer_metrics", "customer_id").items():
            assert row == {name: whole[who][name] for name in row}

    def test_its_keys_stand_in_the_dimensions(self, corner_shop):
        for dimension, key in [("dim_rfm_segment", "segment"), ("dim_churn_group", "churn_group"),
                               ("dim_clv_tier", "clv_tier"), ("dim_customer", "customer_id")]:  # fmt: skip
            known = set(corner_shop.by(f"gold.{dimension}", key))
            assert {row[key] for row in corner_shop.rows("gold.fct_customer_metrics")} <= known
        dates = set(corner_shop.by("gold.dim_date", "calendar_date"))
        for key in ("first_order_date", "last_order_date", "as_of_date"):
            assert {row[key] for row in corner_shop.rows("gold.fct_customer_metrics")} <= dates

    def test_dim_customer(self, corner_shop):
        customers = corner_shop.by("gold.dim_customer", "customer_id")
        # UK and EIRE by the country list in any case; its blank means unknown; what it does not know stays
        countries = {who: row["country"] for who, row in customers.items() if row["country"]}
        assert countries == {"ann": "Ireland", "zed": "United Kingdom", "ret": "Japan"}
        names = ("customer_name", "email", "city", "is_loyalty_member", "first_seen_date")
        assert picked(customers["zed"], *names) == ("Zed", None, None, False, day(6, 10))
        assert picked(customers["bob"], *names) == (None, None, None, None, day(6, 1))
        assert picked(customers["ivy"], *names) == (None, None, None, None, day(4, 5))

    def test_dim_churn_group(self, corner_shop):
        names = ("risk_order", "min_days", "max_days")
        groups = {row["churn_group"]: picked(row, *names) for row in corner_shop.rows("gold.dim_churn_group")}
        assert groups == {"Low": (1, 0, 30), "Medium": (2, 31, 60), "High": (3, 61, 90), "Churned": (4, 91, None)}

    def test_dim_clv_tier(self, corner_shop):
        names = ("tier_order", "tier_measure", "cut_by", "at_least", "below")
        tiers = {row["clv_tier"]: picked(row, *names) for row in corner_shop.rows("gold.dim_clv_tier")}
        spent = ("historical_clv", "percentile")
        assert tiers == {
            "Low": (1, *spent, None, 0.33),
            "Medium": (2, *spent, 0.33, 0.66),
            "High": (3, *spent, 0.66, None),
        }

    def test_dim_rfm_segment_takes_all_125_triples(self, corner_shop):
        rows = corner_shop.rows("gold.dim_rfm_segment")
        assert sum(row["score_triple_count"] for row in rows) == 125
        assert sorted(row["segment_order"] for row in rows) == list(range(1, 10))
        champions = corner_shop.by("gold.dim_rfm_segment", "segment")["Champions"]
        # 4 to 5 on all three: 2 x 2 x 2
        assert picked(champions, "segment_order", "score_triple_count") == (1, 8)

    def test_dim_product(self, corner_shop):
        products = corner_shop.by("gold.dim_product", "product_id")
        names = ("product_name", "category", "unit_cost", "first_line_date", "last_line_date")
        assert picked(products["P1"], *names) == ("Black tea", "Drink", D("4.2"), day(4, 1), day(6, 22))
        assert picked(products["P10"], *names) == ("Honey", "Food", D(2), None, None)  # never sold
        assert picked(products["P9"], *names) == (None, None, None, day(6, 10), day(6, 10))  # not on file
        assert sorted(products) == sorted(f"P{number}" for number in range(1, 11))

    def test_dim_date(self, corner_shop):
        dates = corner_shop.by("gold.dim_date", "calendar_date")
        assert list(dates) == [day(4, 1) + dt.timedelta(n) for n in range(92)]  # 30 + 31 + 30, and as_of
        assert dates[day(6, 30)] == {  # a Sunday
            "calendar_date": day(6, 30),
            "calendar_year": 2024,
            "calendar_quarter": 2,
            "calendar_month": 6,
            "day_of_month": 30,
            "day_of_week": 7,
            "is_weekend": True,
            "month_start_date": day(6, 1),
            "quarter_start_date": day(4, 1),
            "year_start_date": day(1, 1),
            "week_start_date": day(6, 24),
        }
        for date, row in dates.items():  # Python's own calendar
            assert picked(row, "day_of_week", "is_weekend") == (date.isoweekday(), date.isoweekday() > 5)
            assert row["week_start_date"] == date - dt.timedelta(date.weekday())


class TestDays:
    def test_engagement(self, corner_shop):
        days = corner_shop.by("gold.engagement_daily", "activity_date")
        names = ("dau", "wau", "mau")
        assert len(days) == 92
        assert picked(days[day(4, 1)], *names) == (1, 1, 1)  # gus
        assert picked(days[day(4, 2)], *names) == (2, 3, 3)  # ann, fay
        assert picked(days[day(4, 5)], *names) == (0, 3, 3)  # ivy only sent back
        assert picked(days[day(4, 30)], *names) == (0, 0, 5)  # gus ann fay hal ned: 04-01 is the 30th day back
        assert picked(days[day(5, 1)], *names) == (2, 2, 6)  # gus leaves; eve and dan come
        assert picked(days[day(6, 1)], *names) == (3, 4, 5)  # bob hal ned; + cat; + ann of 05-15
        assert picked(days[day(6, 6)], *names) == (0, 4, 5)
        assert picked(days[day(6, 7)], *names) == (0, 3, 5)
        assert picked(days[day(6, 8)], *names) == (0, 0, 5)
        assert picked(days[day(6, 29)], *names) == (0, 0, 5)  # cat bob hal ned ann
        assert picked(days[day(6, 30)], *names) == (1, 1, 5)  # ivy comes, cat goes
        assert days[day(6, 30)]["stickiness"] == pytest.approx(1 / 5, abs=1e-12)
        assert picked(days[day(4, 30)], "stickiness", "stickiness_reason") == (0.0, None)
        names = ("stickiness", "stickiness_reason")
        assert picked(days[day(4, 29)], *names) == (None, "fewer than 30 days of data")
        assert days[day(6, 29)]["stickiness"] == 0.0

    def test_daily_metrics(self, corner_shop):
        days = corner_shop.by("gold.daily_metrics", "activity_date")
        assert len(days) == 92
        counts = (
            "order_count",
            "guest_order_count",
            "customer_count",
            "new_customer_count",
            "sale_line_count",
            "unit_count",
        )
        money = (
            "gross_amount",
            "discount_amount",
            "refund_amount",
            "net_amount",
            "other_amount",
            "average_order_value",
        )
        assert picked(days[day(4, 2)], *counts) == (2, 0, 2, 2, 3, 6)
        assert picked(days[day(4, 2)], *money) == (D(28), D("-0.5"), 0, D("27.5"), 0, D("13.75"))
        assert picked(days[day(4, 3)], *counts) == (0,) * 6  # nobody came
        assert picked(days[day(4, 3)], *money) == (0, 0, 0, 0, 0, None)
        # dan's order is of 05-01, where its first line is; the second line sells on 05-02
        assert picked(days[day(5, 1)], *counts) == (2, 0, 2, 2, 2, 11)
        assert picked(days[day(5, 2)], *counts) == (0, 0, 1, 0, 1, 1)
        assert picked(days[day(5, 2)], *money) == (D("2.5"), 0, 0, D("2.5"), 0, None)
        assert picked(days[day(5, 15)], *counts) == (2, 0, 1, 0, 2, 4)
        assert picked(days[day(5, 15)], *money) == (D(34), 0, 0, D(34), 0, D(17))
        # bob, hal, ned and a guest; only bob is new; 29.9906 / 4 = 7.49765
        assert picked(days[day(6, 1)], *counts) == (4, 1, 3, 1, 4, 9)
        assert picked(days[day(6, 1)], *money) == (D("29.9906"), 0, 0, D("29.9906"), 0, D("7.4977"))
        # ret's refund; -4 and 0 of slips, and a gift, are other
        assert picked(days[day(6, 10)], *counts) == (0,) * 6
        assert picked(days[day(6, 10)], *money) == (0, 0, D(-10), D(-10), 0, None)
        assert picked(days[day(6, 30)], *money) == (D(15), 0, D(-2), D(13), 0, D(13))

    def test_kpi_last_row(self, corner_shop):
        last = corner_shop.by("gold.kpi_overall", "kpi_date")[day(7, 1)]
        assert last == {
            "kpi_date": day(7, 1),
            "customer_count": 10,
            "active_customer_count": 2,  # ann and ivy; what bob, hal and ned bought on 06-01 is 31 days back
            "repeat_customer_count": 3,  # ann, hal, ned
            "repeat_customer_rate": pytest.approx(0.3, abs=1e-12),
            "repeat_day_customer_count": 4,  # and dan, whose order lasts over midnight
            "repeat_day_customer_rate": pytest.approx(0.4, abs=1e-12),
            "churned_customer_count": 1,  # gus
            "churn_rate": pytest.approx(0.1, abs=1e-12),
            "churn_rate_reason": None,
            "order_count": 16,  # ann 4, hal 2, ned 2, seven others, one guest
            "guest_order_count": 1,
            # 69 + 20 + 20 + 7.5 + 100 + 3 + 60 + 15 + .0005 + .0005 and the guest's 9.99
            "gross_amount": D("304.4910"),
            "discount_amount": D("-0.5"),
            "refund_amount": D("-25.0010"),  # ann 10, ned .0010, ivy 3, ret 6, guests 2 and 4
            "net_amount": D("278.9900"),
            "average_order_value": D("17.4369"),  # 278.99 / 16 = 17.436875
            "average_order_value_before_refunds": D("18.9994"),  # 303.991 / 16 = 18.99944
            "total_historical_clv": D("281"),
            "average_historical_clv": D("28.1"),  # of the ten buyers: 281 / 10
            # net x tenure of each: 5265 + 600 + 620 + 457.5 + 6100 + 270 + 5460 + 12
            #   + .0005 x 82 - .0005 x 81 = 18784.5005; / 365 / 10, and 0.3 of it
            "average_formula_clv_revenue": D("5.1464"),
            "average_formula_clv_profit": D("1.5439"),
        }

    def test_kpi_of_an_earlier_day(self, corner_shop):
        """04-10: gus 60, fay 3, ann 24.5, hal .0002. Ivy sent back, but is no customer yet."""
        kpi = corner_shop.by("gold.kpi_overall", "kpi_date")[day(4, 10)]
        assert picked(kpi, "customer_count", "repeat_customer_count", "churned_customer_count") == (4, 0, None)
        assert picked(kpi, "churn_rate", "churn_rate_reason") == (None, "history not longer than the churn window")
        assert kpi["net_amount"] == D("84.5002")  # with ivy's -3
        assert kpi["average_historical_clv"] == D("21.8751")  # 87.5002 / 4 = 21.87505: half away from zero
        # 60 x 9 + 3 x 8 + 24.5 x 8 + .0002 x 0 = 760; / 365 / 4
        assert kpi["average_formula_clv_revenue"] == D("0.5205")
        assert kpi["average_formula_clv_profit"] == D("0.1562")

    def test_kpi_last_row_agrees_with_the_customer_tables(self, corner_shop):
        last = corner_shop.by("gold.kpi_overall", "kpi_date")[day(7, 1)]
        buyers = corner_shop.rows("gold.fct_customer_metrics")
        assert last["customer_count"] == len(buyers)
        assert last["repeat_customer_count"] == sum(row["order_count"] > 1 for row in buyers)
        assert last["churned_customer_count"] == sum(row["is_churned"] for row in buyers)
        assert last["order_count"] - last["guest_order_count"] == sum(row["order_count"] for row in buyers)
        assert last["average_historical_clv"] * 10 == sum(row["historical_clv"] for row in buyers)
        mean = sum(row["formula_clv_revenue"] for row in buyers) / 10
        assert abs(last["average_formula_clv_revenue"] - mean) < D("0.0001")

    def test_churned_to_date_by_the_day(self, corner_shop):
        """Gus, who bought on the first day, is gone on the 91st after it: before, nobody could be."""
        days = corner_shop.by("gold.kpi_overall", "kpi_date")
        assert [row["churned_customer_count"] for row in days.values()] == [None] * 91 + [1]


def test_a_second_run_changes_nothing(corner_shop):
    before = corner_shop.gold()
    again = corner_shop.run()
    assert (again.is_new, again.reason, sum(landing.rows for landing in again.landed.values())) == (False, "", 0)
    assert corner_shop.gold() == before
