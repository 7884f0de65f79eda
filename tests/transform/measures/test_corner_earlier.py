"""The corner shop (tests/shops/corner.py) at an earlier day and by other settings, worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from shops.building import picked

D = Decimal


def day(month: int, number: int) -> dt.date:
    return dt.date(2024, month, number)


class TestEarlierAsOf:
    def test_the_day_itself_counts_and_nothing_after_it(self, corner_earlier):
        assert corner_earlier.rows("measures.as_of") == [{"as_of_date": day(6, 1), "first_date": day(4, 1)}]
        measured = corner_earlier.by("measures.customer_measures", "customer_id")
        names = ("days_since_last_order", "tenure_days", "order_count", "net_amount")
        assert picked(measured["bob"], *names) == (0, 0, 1, D(20))
        assert picked(measured["ann"], *names) == (17, 60, 3, D("58.5"))
        assert picked(measured["ned"], *names) == (0, 51, 2, D("0.0005"))  # not yet sent back
        assert picked(measured["ivy"], *names) == (None, None, 0, D(-3))
        assert list(corner_earlier.by("gold.dim_date", "calendar_date"))[-1] == day(6, 1)
        assert corner_earlier.by("gold.dim_product", "product_id")["P1"]["last_line_date"] == day(6, 1)
        assert corner_earlier.by("gold.dim_product", "product_id")["P10"]["first_line_date"] is None
        assert "P9" not in corner_earlier.by("gold.dim_product", "product_id")

    def test_silver_and_the_ledger_keep_everything(self, corner_earlier):
        assert len(corner_earlier.rows("silver.order_lines")) == 26
        assert sum(row["raw_amount"] for row in corner_earlier.rows("measures.ledger")) == D("278.99")

    def test_who_is_known(self, corner_earlier):
        """ret and zed are on file, but came only later; joe is on file and never comes; ivy sent back before."""
        known = set(corner_earlier.by("gold.customer_360", "customer_id"))
        assert known == {"ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ned", "ivy", "joe"}

    def test_ntile_gives_equal_groups_and_breaks_ties_by_id(self, corner_earlier):
        # nine buyers in five groups of 2 2 2 2 1, worst first
        # days   gus 61, fay 60 | eve 31, dan 30 | ann 17, cat 1 | bob 0, hal 0 | ned 0
        # orders bob cat | dan eve | fay gus, one each | hal ned, two each | ann three
        # net    hal ned | fay dan | bob cat | ann gus | eve
        names = ("recency_score", "frequency_score", "monetary_score")
        scores = {
            who: picked(row, *names) for who, row in corner_earlier.by("gold.customer_rfm", "customer_id").items()
        }
        assert scores == {
            "ann": (3, 5, 4),
            "bob": (4, 1, 3),
            "cat": (3, 1, 3),
            "dan": (2, 2, 2),
            "eve": (2, 2, 5),
            "fay": (1, 3, 2),
            "gus": (1, 3, 4),
            "hal": (4, 4, 1),
            "ned": (5, 4, 1),
        }

    def test_formula_clv_in_months_of_365_twelfths(self, corner_earlier):
        measured = corner_earlier.by("measures.customer_measures", "customer_id")
        names = ("formula_clv_revenue", "formula_clv_profit")
        assert picked(measured["ann"], *names) == (D("115.3973"), D("57.6986"))  # 58.5 x 60 x 12 / 365 = 115.39726
        assert picked(measured["gus"], *names) == (D("120.3288"), D("60.1644"))  # 60 x 61 x 12 / 365 = 120.32877
        assert picked(measured["bob"], *names) == (0, 0)

    def test_churn_limits_are_settings(self, corner_earlier):
        names = ("is_churned", "churn_group")
        churn = {
            who: picked(row, *names) for who, row in corner_earlier.by("gold.customer_churn", "customer_id").items()
        }
        assert churn["gus"] == (True, "Churned")  # 61 days
        assert churn["fay"] == (False, "High")  # 60
        assert churn["eve"] == (False, "High")  # 31
        assert churn["dan"] == (False, "Medium")  # 30
        assert churn["ann"] == (False, "Medium")  # 17
        assert churn["cat"] == (False, "Low")  # 1

    def test_kpi_is_measured_at_the_day_itself(self, corner_earlier):
        days = corner_earlier.by("gold.kpi_overall", "kpi_date")
        last = days[day(6, 1)]
        names = ("customer_count", "repeat_customer_count", "churned_customer_count", "active_customer_count")
        assert picked(last, *names) == (9, 3, 1, 5)
        assert [row["churned_customer_count"] for row in days.values()] == [None] * 61 + [1]
        # ann 58.5 x 60, cat 20 x 1, dan 7.5 x 31, eve 100 x 31, fay 3 x 60, gus 60 x 61, hal .0005 x 52,
        # ned .0005 x 51, bob 20 x 0: 10702.5515 x 12 / 365 / 9
        assert last["average_formula_clv_revenue"] == D("39.0961")
        assert last["average_historical_clv"] == D("29.8890")  # 269.0010 / 9
