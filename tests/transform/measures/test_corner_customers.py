"""Lines, measures and scores of the corner shop's customers, worked out by hand. The shop: tests/shops/corner.py."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from shops.building import picked

D = Decimal


def day(month: int, number: int) -> dt.date:
    return dt.date(2024, month, number)


class TestLines:
    """Default rules: invalid (quantity 0), return (quantity or price below 0), free, else sale."""

    def test_kinds(self, corner_shop):
        kinds = {row["order_id"]: row["line_kind"] for row in corner_shop.rows("silver.order_lines")}
        others = {"IR": "return", "N3": "return", "R1": "return", "A4R": "return", "X2": "return"}
        others |= {"Z1": "free", "Q1": "return", "Q2": "invalid"}
        assert kinds == {order: others.get(order, "sale") for order in kinds}
        assert len(corner_shop.rows("silver.order_lines")) == 26

    def test_sanity_flags(self, corner_shop):
        flagged = {
            row["order_id"]: (row["unit_price_flag"], row["quantity_flag"])
            for row in corner_shop.rows("silver.order_lines")
            if row["unit_price_flag"] or row["quantity_flag"]
        }
        assert flagged == {
            "IR": (None, "negative_quantity"),
            "N3": (None, "negative_quantity"),
            "R1": (None, "negative_quantity"),
            "A4R": (None, "negative_quantity"),
            "X2": (None, "negative_quantity"),
            "Z1": ("zero_price", None),
            "Q1": ("negative_price", None),
            "Q2": (None, "zero_quantity"),
        }

    def test_amounts_and_what_the_source_states(self, corner_shop):
        lines = corner_shop.by("silver.order_lines", "order_id", "product_id", "ordered_at")
        first = dt.datetime(2024, 4, 2, 10)
        names = ("line_gross_amount", "line_discount_amount", "line_amount", "stated_amount", "is_amount_mismatch")
        assert picked(lines["A1", "P1", first], *names) == (D(20), D(0), D(20), None, None)
        assert picked(lines["A1", "P2", first], *names) == (D(5), D("0.5"), D("4.5"), D("4.5"), False)
        assert picked(lines["F1", "P3", dt.datetime(2024, 4, 2, 11)], *names) == (D(3), D(0), D(3), D("3.1"), True)
        assert {row["currency"] for row in corner_shop.rows("silver.order_lines")} == {"GBP"}

    def test_ledger_closes_every_day(self, corner_shop):
        """gross + discounts + refunds + other kinds = raw, by source and day."""
        names = ("line_count", "gross_amount", "discount_amount", "refund_amount", "free_amount", "invalid_amount")
        days = corner_shop.by("measures.ledger", "ledger_date")
        # 2 x 10 + 5 + 3 x 1, less 0.50
        assert picked(days[day(4, 2)], *names, "raw_amount") == (3, D(28), D("-0.5"), 0, 0, 0, D("27.5"))
        # -2 x 3 and 1 x -4 came back, 0 given away, 0 x 7 is invalid
        assert picked(days[day(6, 10)], *names, "raw_amount") == (4, 0, 0, D(-10), 0, 0, D(-10))
        # 304.4910 gross - 0.50 - 25.0010: see test_kpi_last_row
        assert sum(row["raw_amount"] for row in days.values()) == D("278.9900")
        # bob, hal, ned and a guest: 20 + 0.0003 + 0.0003 + 9.99
        assert days[day(6, 1)]["raw_amount"] == D("29.9906")
        assert len(days) == 15  # only days with lines
        assert all(
            row["charge_amount"] == row["adjustment_amount"] == row["bad_debt_amount"] == 0 for row in days.values()
        )

    def test_rows_are_accounted_for(self, corner_shop):
        names = ("row_count", "silver_count", "duplicate_count", "quarantined_count", "filtered_count")
        rows = corner_shop.by("quarantine.row_accounting", "source_name")
        assert picked(rows["till"], *names) == (26, 26, 0, 0, 0)
        assert picked(rows["members"], *names) == (6, 4, 2, 0, 0)  # two older versions of ann
        assert picked(rows["articles"], *names) == (3, 3, 0, 0, 0)


class TestCustomers:
    def test_days(self, corner_shop):
        days = corner_shop.by("measures.customer_days", "customer_id", "activity_date")
        names = ("sale_line_count", "unit_count", "gross_amount", "discount_amount", "refund_amount", "net_amount")
        assert picked(days["ann", day(4, 2)], *names) == (2, D(3), D(25), D("-0.5"), 0, D("24.5"))
        assert picked(days["ann", day(5, 15)], *names) == (2, D(4), D(34), 0, 0, D(34))
        assert picked(days["ann", day(6, 22)], *names) == (0, 0, 0, 0, D(-10), D(-10))
        assert picked(days["ivy", day(6, 30)], *names) == (1, D("1.5"), D(15), 0, 0, D(15))
        assert picked(days["zed", day(6, 10)], *names) == (0, 0, 0, 0, 0, 0)
        # ann: 4 days; dan and hal: 2; ned: 3; ivy: 2; bob cat eve fay gus ret zed: 1; guests: none
        assert len(days) == 4 + 2 + 2 + 3 + 2 + 7

    def test_next_purchase_skips_days_without_a_sale(self, corner_shop):
        days = corner_shop.by("measures.customer_days", "customer_id", "activity_date")
        following = {key: row["next_purchase_date"] for key, row in days.items()}
        assert following["ann", day(4, 2)] == day(5, 15)
        assert following["ann", day(5, 15)] == day(6, 20)
        assert following["ann", day(6, 20)] is None  # only a refund follows
        assert following["ann", day(6, 22)] is None
        assert following["ivy", day(4, 5)] is None  # no purchase day itself

    def test_orders(self, corner_shop):
        orders = corner_shop.by("measures.order_measures", "order_id")
        names = ("customer_id", "order_date", "sale_line_count", "unit_count", "gross_amount")
        assert picked(orders["A1"], *names, "discount_amount") == ("ann", day(4, 2), 2, 3, D(25), D("-0.5"))
        assert picked(orders["A2"], *names) == ("ann", day(5, 15), 1, 3, D(30))
        assert picked(orders["A3"], *names) == ("ann", day(5, 15), 1, 1, D(4))
        assert picked(orders["A4"], *names) == ("ann", day(6, 20), 1, 1, D(10))
        # rung up over midnight: of the day of its first sale line
        assert picked(orders["D1"], *names) == ("dan", day(5, 1), 2, 2, D("7.5"))
        assert picked(orders["X1"], *names) == (None, day(6, 1), 1, 1, D("9.99"))
        # returns, gifts and slips are no orders: R1, IR, N3, A4R, X2, Z1, Q1, Q2
        assert set(orders) == set("G1 A1 F1 H1 N1 E1 D1 A2 A3 C1 B1 H2 N2 X1 A4 I1".split())

    def test_counts_and_money(self, corner_shop):
        names = ("order_count", "purchase_day_count", "gross_amount", "discount_amount", "refund_amount", "net_amount")
        expected = {
            "ann": (4, 3, D(69), D("-0.5"), D(-10), D("58.5")),
            "bob": (1, 1, D(20), 0, 0, D(20)),
            "cat": (1, 1, D(20), 0, 0, D(20)),
            "dan": (1, 2, D("7.5"), 0, 0, D("7.5")),
            "eve": (1, 1, D(100), 0, 0, D(100)),
            "fay": (1, 1, D(3), 0, 0, D(3)),
            "gus": (1, 1, D(60), 0, 0, D(60)),
            "hal": (2, 2, D("0.0005"), 0, 0, D("0.0005")),
            "ivy": (1, 1, D(15), 0, D(-3), D(12)),
            "ned": (2, 2, D("0.0005"), 0, D("-0.0010"), D("-0.0005")),
            "ret": (0, 0, 0, 0, D(-6), D(-6)),
            "zed": (0, 0, 0, 0, 0, 0),
        }
        measured = corner_shop.by("measures.customer_measures", "customer_id")
        assert {who: picked(row, *names) for who, row in measured.items()} == expected
        assert picked(measured["ann"], "sale_line_count", "unit_count") == (5, 8)
        assert picked(measured["ivy"], "sale_line_count", "unit_count") == (1, D("1.5"))

    def test_days_since_tenure_and_the_purchase_models_inputs(self, corner_shop):
        names = ("first_seen_date", "first_order_date", "last_order_date", "days_since_last_order", "tenure_days")
        weeks = ("repeat_count", "recency_weeks", "age_weeks")
        measured = corner_shop.by("measures.customer_measures", "customer_id")
        # 04-02 to 06-20 is 79 days, 06-20 to 07-01 is 11
        assert picked(measured["ann"], *names) == (day(4, 2), day(4, 2), day(6, 20), 11, 90)
        assert picked(measured["ann"], *weeks) == (
            1,  # A4R gives back all of A4, so that the last purchase is that of 05-15
            pytest.approx(43 / 7, abs=1e-12),
            pytest.approx(90 / 7, abs=1e-12),
        )
        assert picked(measured["dan"], *names) == (day(5, 1), day(5, 1), day(5, 2), 60, 61)
        assert picked(measured["dan"], *weeks) == (1, pytest.approx(1 / 7, abs=1e-12), pytest.approx(61 / 7, abs=1e-12))
        assert picked(measured["ivy"], *names) == (day(4, 5), day(6, 30), day(6, 30), 1, 1)
        assert picked(measured["ivy"], *weeks) == (0, 0.0, pytest.approx(1 / 7, abs=1e-12))
        # 04-10 to 06-01: 20 + 31 + 1 days
        assert picked(measured["hal"], "repeat_count", "recency_weeks") == (1, pytest.approx(52 / 7, abs=1e-12))
        assert picked(measured["ret"], *names) == (day(6, 10), None, None, None, None)
        assert picked(measured["ret"], *weeks) == (None, None, None)
        assert {row["as_of_date"] for row in measured.values()} == {day(7, 1)}

    def test_average_values_round_half_away_from_zero(self, corner_shop):
        measured = corner_shop.by("measures.customer_measures", "customer_id")
        names = ("average_order_value", "average_line_value")
        assert picked(measured["ann"], *names) == (D("14.625"), D("11.7"))  # 58.5 / 4; / 5 lines
        assert picked(measured["dan"], *names) == (D("7.5"), D("3.75"))
        assert picked(measured["hal"], *names) == (D("0.0003"), D("0.0003"))  # 0.00025 up, not to even
        assert picked(measured["ned"], *names) == (D("-0.0003"), D("-0.0003"))  # -0.00025 down
        assert picked(measured["ret"], *names) == (None, None)  # no order to divide by

    def test_formula_clv_in_years(self, corner_shop):
        """average_order_value x order_count x tenure / 365, and 0.3 of it: net x tenure, from exact values."""
        measured = corner_shop.by("measures.customer_measures", "customer_id")
        names = ("historical_clv", "formula_clv_revenue", "formula_clv_profit")
        expected = {
            "ann": (D("58.5"), D("14.4247"), D("4.3274")),  # 5265 / 365 = 14.42466; 4.32740
            "bob": (D(20), D("1.6438"), D("0.4932")),  # 600 / 365 = 1.64384; 0.49315
            "cat": (D(20), D("1.6986"), D("0.5096")),  # 620 / 365 = 1.69863; 0.50959
            "dan": (D("7.5"), D("1.2534"), D("0.3760")),  # 457.5 / 365 = 1.25342; 0.37603
            "eve": (D(100), D("16.7123"), D("5.0137")),  # 6100 / 365 = 16.71233; 5.01370
            "fay": (D(3), D("0.7397"), D("0.2219")),  # 270 / 365 = 0.73973; 0.22192
            "gus": (D(60), D("14.9589"), D("4.4877")),  # 5460 / 365 = 14.95890; 4.48767
            "hal": (D("0.0005"), D("0.0001"), D(0)),  # 0.0005 x 82 / 365 = 0.000112; 0.0000337
            "ivy": (D(12), D("0.0329"), D("0.0099")),  # 12 / 365 = 0.03288; 0.00986
            "ned": (D("-0.0005"), D("-0.0001"), D(0)),  # -0.0005 x 81 / 365 = -0.000111
            "ret": (None, None, None),
            "zed": (None, None, None),
        }
        assert {who: picked(row, *names) for who, row in measured.items()} == expected


class TestScores:
    """quantile: the share of the ten buyers that are strictly worse, in fifths, plus 1."""

    def test_scores(self, corner_shop):
        # days  gus 91, fay 90, eve 61, dan 60, cat 31, bob hal ned 30, ann 11, ivy 1: worse than each
        #       0       1       2       3       4       5 5 5           8       9     -> x 5 // 10 + 1
        # orders bob cat dan eve fay gus ivy 1, hal ned 2, ann 4: worse 0 (seven times), 7, 9
        # net   ned < hal < fay 3 < dan 7.5 < ivy 12 < bob = cat 20 < ann 58.5 < gus 60 < eve 100
        #       0     1     2       3         4        5     5        7          8        9
        names = ("recency_score", "frequency_score", "monetary_score")
        scores = {who: picked(row, *names) for who, row in corner_shop.by("gold.customer_rfm", "customer_id").items()}
        assert scores == {
            "ann": (5, 5, 4),
            "bob": (3, 1, 3),
            "cat": (3, 1, 3),
            "dan": (2, 1, 2),
            "eve": (2, 1, 5),
            "fay": (1, 1, 2),
            "gus": (1, 1, 5),
            "hal": (3, 4, 1),
            "ivy": (5, 1, 3),
            "ned": (3, 4, 1),
        }

    def test_values_beside_the_scores(self, corner_shop):
        row = corner_shop.by("gold.customer_rfm", "customer_id")["ann"]
        assert picked(row, "days_since_last_order", "order_count", "net_amount", "tenure_days") == (
            11,
            4,
            D("58.5"),
            90,
        )

    def test_segments(self, corner_shop):
        segments = corner_shop.by("gold.customer_segments", "customer_id")
        assert {who: row["segment"] for who, row in segments.items()} == {
            "ann": "Champions",
            "bob": "Needs Attention",
            "cat": "Needs Attention",
            "dan": "Hibernating",
            "eve": "Hibernating",
            "fay": "Lost",
            "gus": "Hibernating",
            "hal": "Needs Attention",
            "ivy": "New Customers",
            "ned": "Needs Attention",
        }
        assert segments["ann"]["recommended_action"] == "Reward and retain"
        assert segments["fay"]["recommended_action"] == "Consider reactivation"

    def test_tiers_at_the_33rd_and_66th_percent(self, corner_shop):
        # spent, risen: ned -.0005, hal .0005, fay 3, dan 7.50, ivy 12, bob 20, cat 20, ann, gus, eve
        # 0.33 x 9 = 2.97: 3 + .97 x 4.50 = 7.365, so fay is below; 0.66 x 9 = 5.94: between 20 and 20
        tiers = corner_shop.by("gold.customer_clv", "customer_id")
        assert {who: row["clv_tier"] for who, row in tiers.items()} == {
            **dict.fromkeys(["ned", "hal", "fay"], "Low"),
            **dict.fromkeys(["dan", "ivy"], "Medium"),
            **dict.fromkeys(["bob", "cat", "ann", "gus", "eve"], "High"),
        }
        rates = {"ned": 0.1, "hal": 0.2, "fay": 0.3, "dan": 0.4, "ivy": 0.5, "bob": 0.7, "cat": 0.7, "ann": 0.8}
        rates |= {"gus": 0.9, "eve": 1.0}
        assert {who: row["clv_percentile_rate"] for who, row in tiers.items()} == pytest.approx(rates, abs=1e-12)

    def test_churn_on_both_sides_of_each_limit(self, corner_shop):
        names = ("days_since_last_order", "is_churned", "churn_group")
        churn = {who: picked(row, *names) for who, row in corner_shop.by("gold.customer_churn", "customer_id").items()}
        assert churn == {
            "ivy": (1, False, "Low"),
            "ann": (11, False, "Low"),
            "bob": (30, False, "Low"),
            "hal": (30, False, "Low"),
            "ned": (30, False, "Low"),
            "cat": (31, False, "Medium"),
            "dan": (60, False, "Medium"),
            "eve": (61, False, "High"),
            "fay": (90, False, "High"),
            "gus": (91, True, "Churned"),
        }
