"""Every measure and gold table of the corner shop, worked out by hand. The shop itself: tests/shops/corner.py."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from shops import corner
from shops.building import picked

BUYERS = ["ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ivy", "ned"]


def day(month: int, number: int) -> dt.date:
    return dt.date(2024, month, number)


@pytest.fixture(scope="module")
def shop(build_shop):
    return build_shop("corner", corner.settings(), corner.FILES)


class TestLines:
    """Default rules: invalid (quantity 0, price below 0), return, free, else sale."""

    def test_kinds(self, shop):
        kinds = {row["order_id"]: row["line_kind"] for row in shop.rows("silver.order_lines")}
        others = {"IR": "return", "N3": "return", "R1": "return", "A4R": "return", "X2": "return"}
        others |= {"Z1": "free", "Q1": "invalid", "Q2": "invalid"}
        assert kinds == {order: others.get(order, "sale") for order in kinds}
        assert len(shop.rows("silver.order_lines")) == 26

    def test_sanity_flags(self, shop):
        flagged = {
            row["order_id"]: (row["unit_price_flag"], row["quantity_flag"])
            for row in shop.rows("silver.order_lines")
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

    def test_amounts_and_what_the_source_states(self, shop):
        lines = shop.by("silver.order_lines", "order_id", "product_id", "ordered_at")
        first = dt.datetime(2024, 4, 2, 10)
        names = ("line_gross_amount", "line_discount_amount", "line_amount", "stated_amount", "is_amount_mismatch")
        assert picked(lines["A1", "P1", first], *names) == (D(20), D(0), D(20), None, None)
        assert picked(lines["A1", "P2", first], *names) == (D(5), D("0.5"), D("4.5"), D("4.5"), False)
        assert picked(lines["F1", "P3", dt.datetime(2024, 4, 2, 11)], *names) == (D(3), D(0), D(3), D("3.1"), True)
        assert {row["currency"] for row in shop.rows("silver.order_lines")} == {"GBP"}

    def test_ledger_closes_every_day(self, shop):
        """gross + discounts + refunds + other kinds = raw, by source and day."""
        names = ("line_count", "gross_amount", "discount_amount", "refund_amount", "free_amount", "invalid_amount")
        days = shop.by("measures.ledger", "ledger_date")
        # 2 x 10 + 5 + 3 x 1, less 0.50
        assert picked(days[day(4, 2)], *names, "raw_amount") == (3, D(28), D("-0.5"), 0, 0, 0, D("27.5"))
        # -2 x 3 came back, 0 given away, 1 x -4 and 0 x 7 are invalid
        assert picked(days[day(6, 10)], *names, "raw_amount") == (4, 0, 0, D(-6), 0, D(-4), D(-10))
        # 304.4910 gross - 0.50 - 21.0010 - 4: see test_kpi_last_row
        assert sum(row["raw_amount"] for row in days.values()) == D("278.9900")
        # bob, hal, ned and a guest: 20 + 0.0003 + 0.0003 + 9.99
        assert days[day(6, 1)]["raw_amount"] == D("29.9906")
        assert len(days) == 15  # only days with lines
        assert all(
            row["charge_amount"] == row["adjustment_amount"] == row["bad_debt_amount"] == 0 for row in days.values()
        )

    def test_rows_are_accounted_for(self, shop):
        names = ("row_count", "silver_count", "duplicate_count", "quarantined_count", "filtered_count")
        rows = shop.by("quarantine.row_accounting", "source_name")
        assert picked(rows["till"], *names, "exact_duplicate_count") == (26, 26, 0, 0, 0, 0)
        assert picked(rows["members"], *names) == (6, 4, 2, 0, 0)  # two older versions of ann
        assert picked(rows["articles"], *names) == (3, 3, 0, 0, 0)


class TestCustomers:
    def test_days(self, shop):
        days = shop.by("measures.customer_days", "customer_id", "activity_date")
        names = ("sale_line_count", "unit_count", "gross_amount", "discount_amount", "refund_amount", "net_amount")
        assert picked(days["ann", day(4, 2)], *names) == (2, D(3), D(25), D("-0.5"), 0, D("24.5"))
        assert picked(days["ann", day(5, 15)], *names) == (2, D(4), D(34), 0, 0, D(34))
        assert picked(days["ann", day(6, 22)], *names) == (0, 0, 0, 0, D(-10), D(-10))
        assert picked(days["ivy", day(6, 30)], *names) == (1, D("1.5"), D(15), 0, 0, D(15))
        assert picked(days["zed", day(6, 10)], *names) == (0, 0, 0, 0, 0, 0)
        # ann: 4 days; dan and hal: 2; ned: 3; ivy: 2; bob cat eve fay gus ret zed: 1; guests: none
        assert len(days) == 4 + 2 + 2 + 3 + 2 + 7

    def test_next_purchase_skips_days_without_a_sale(self, shop):
        days = shop.by("measures.customer_days", "customer_id", "activity_date")
        following = {key: row["next_purchase_date"] for key, row in days.items()}
        assert following["ann", day(4, 2)] == day(5, 15)
        assert following["ann", day(5, 15)] == day(6, 20)
        assert following["ann", day(6, 20)] is None  # only a refund follows
        assert following["ann", day(6, 22)] is None
        assert following["ivy", day(4, 5)] is None  # no purchase day itself

    def test_orders(self, shop):
        orders = shop.by("measures.order_measures", "order_id")
        names = ("customer_id", "order_number", "order_date", "sale_line_count", "unit_count", "gross_amount")
        assert picked(orders["A1"], *names, "discount_amount") == ("ann", 1, day(4, 2), 2, 3, D(25), D("-0.5"))
        assert picked(orders["A2"], *names) == ("ann", 2, day(5, 15), 1, 3, D(30))
        assert picked(orders["A3"], *names) == ("ann", 3, day(5, 15), 1, 1, D(4))
        assert picked(orders["A4"], *names) == ("ann", 4, day(6, 20), 1, 1, D(10))
        # rung up over midnight: of the day of its first sale line
        assert picked(orders["D1"], *names) == ("dan", 1, day(5, 1), 2, 2, D("7.5"))
        assert picked(orders["X1"], *names) == (None, None, day(6, 1), 1, 1, D("9.99"))
        # returns, gifts and slips are no orders: R1, IR, N3, A4R, X2, Z1, Q1, Q2
        assert set(orders) == set("G1 A1 F1 H1 N1 E1 D1 A2 A3 C1 B1 H2 N2 X1 A4 I1".split())

    def test_counts_and_money(self, shop):
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
        measured = shop.by("measures.customer_measures", "customer_id")
        assert {who: picked(row, *names) for who, row in measured.items()} == expected
        assert picked(measured["ann"], "sale_line_count", "unit_count") == (5, 8)
        assert picked(measured["ivy"], "sale_line_count", "unit_count") == (1, D("1.5"))

    def test_days_since_tenure_and_the_purchase_models_inputs(self, shop):
        names = ("first_seen_date", "first_order_date", "last_order_date", "days_since_last_order", "tenure_days")
        weeks = ("repeat_count", "recency_weeks", "age_weeks")
        measured = shop.by("measures.customer_measures", "customer_id")
        # 04-02 to 06-20 is 79 days, 06-20 to 07-01 is 11
        assert picked(measured["ann"], *names) == (day(4, 2), day(4, 2), day(6, 20), 11, 90)
        assert picked(measured["ann"], *weeks) == (
            2,
            pytest.approx(79 / 7, abs=1e-12),
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

    def test_average_values_round_half_away_from_zero(self, shop):
        measured = shop.by("measures.customer_measures", "customer_id")
        names = ("average_order_value", "average_line_value")
        assert picked(measured["ann"], *names) == (D("14.625"), D("11.7"))  # 58.5 / 4; / 5 lines
        assert picked(measured["dan"], *names) == (D("7.5"), D("3.75"))
        assert picked(measured["hal"], *names) == (D("0.0003"), D("0.0003"))  # 0.00025 up, not to even
        assert picked(measured["ned"], *names) == (D("-0.0003"), D("-0.0003"))  # -0.00025 down
        assert picked(measured["ret"], *names) == (None, None)  # no order to divide by

    def test_formula_clv_in_years(self, shop):
        """average_order_value x order_count x tenure / 365, and 0.3 of it: net x tenure, from exact values."""
        measured = shop.by("measures.customer_measures", "customer_id")
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

    def test_scores(self, shop):
        # days  gus 91, fay 90, eve 61, dan 60, cat 31, bob hal ned 30, ann 11, ivy 1: worse than each
        #       0       1       2       3       4       5 5 5           8       9     -> x 5 // 10 + 1
        # orders bob cat dan eve fay gus ivy 1, hal ned 2, ann 4: worse 0 (seven times), 7, 9
        # net   ned < hal < fay 3 < dan 7.5 < ivy 12 < bob = cat 20 < ann 58.5 < gus 60 < eve 100
        #       0     1     2       3         4        5     5        7          8        9
        names = ("recency_score", "frequency_score", "monetary_score")
        scores = {who: picked(row, *names) for who, row in shop.by("gold.customer_rfm", "customer_id").items()}
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

    def test_values_beside_the_scores(self, shop):
        row = shop.by("gold.customer_rfm", "customer_id")["ann"]
        assert picked(row, "days_since_last_order", "order_count", "net_amount", "tenure_days") == (
            11,
            4,
            D("58.5"),
            90,
        )

    def test_segments(self, shop):
        segments = shop.by("gold.customer_segments", "customer_id")
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

    def test_tiers_at_the_33rd_and_66th_percent(self, shop):
        # profit, risen: hal 0, ned 0, ivy .0099, fay .2219, dan .3760, bob .4932, cat .5096, ann, gus, eve
        # 0.33 x 9 = 2.97: between .0099 and .2219, so ivy is below; 0.66 x 9 = 5.94: .4932 + .94 x .0164 = .5086
        tiers = shop.by("gold.customer_clv", "customer_id")
        assert {who: row["clv_tier"] for who, row in tiers.items()} == {
            **dict.fromkeys(["hal", "ned", "ivy"], "Low"),
            **dict.fromkeys(["fay", "dan", "bob"], "Medium"),
            **dict.fromkeys(["cat", "ann", "gus", "eve"], "High"),
        }
        rates = {"hal": 0.2, "ned": 0.2, "ivy": 0.3, "fay": 0.4, "dan": 0.5, "bob": 0.6, "cat": 0.7, "ann": 0.8}
        rates |= {"gus": 0.9, "eve": 1.0}
        assert {who: row["clv_percentile_rate"] for who, row in tiers.items()} == pytest.approx(rates, abs=1e-12)

    def test_churn_on_both_sides_of_each_limit(self, shop):
        names = ("days_since_last_order", "is_churned", "churn_group")
        churn = {who: picked(row, *names) for who, row in shop.by("gold.customer_churn", "customer_id").items()}
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


class TestOneBigTable:
    def test_who_is_in_it(self, shop):
        assert sorted(shop.by("gold.customer_360", "customer_id")) == sorted([*BUYERS, "joe", "ret", "zed"])

    def test_a_buyer(self, shop):
        assert shop.by("gold.customer_360", "customer_id")["ann"] == {
            "customer_id": "ann",
            "customer_name": "Ann",
            "email": "ann@new.test",
            "country": "Ireland",
            "region": None,
            "city": "Cork",
            "signed_up_at": dt.datetime(2023, 1, 1, 8),
            "is_loyalty_member": True,
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
            "average_line_value": D("11.7"),
            "recency_score": 5,
            "frequency_score": 5,
            "monetary_score": 4,
            "segment": "Champions",
            "recommended_action": "Reward and retain",
            "historical_clv": D("58.5"),
            "formula_clv_revenue": D("14.4247"),
            "formula_clv_profit": D("4.3274"),
            "clv_tier": "High",
            "is_churned": False,
            "churn_group": "Low",
            "repeat_count": 2,
            "recency_weeks": pytest.approx(79 / 7, abs=1e-12),
            "age_weeks": pytest.approx(90 / 7, abs=1e-12),
            "as_of_date": day(7, 1),
        }

    def test_on_file_and_never_came(self, shop):
        joe = shop.by("gold.customer_360", "customer_id")["joe"]
        told = {name: value for name, value in joe.items() if value is not None}
        assert told == {
            "customer_id": "joe",
            "customer_name": "Joe",
            "signed_up_at": dt.datetime(2024, 2, 2, 8),
            **dict.fromkeys(["order_count", "purchase_day_count", "unit_count"], 0),
            **dict.fromkeys(["gross_amount", "discount_amount", "refund_amount", "net_amount"], 0),
            "as_of_date": day(7, 1),
        }

    def test_came_and_never_bought(self, shop):
        """Their refunds count; they have no scores, value or risk."""
        ret = shop.by("gold.customer_360", "customer_id")["ret"]
        assert picked(ret, "first_seen_date", "order_count", "refund_amount", "net_amount") == (
            day(6, 10),
            0,
            D(-6),
            D(-6),
        )
        absent = ("days_since_last_order", "tenure_days", "average_order_value", "recency_score", "segment", "clv_tier")
        absent += ("historical_clv", "formula_clv_profit", "is_churned", "churn_group", "repeat_count", "age_weeks")
        assert picked(ret, *absent) == (None,) * len(absent)

    def test_each_customer_table_holds_the_buyers(self, shop):
        for table in ("customer_rfm", "customer_segments", "customer_clv", "customer_churn", "fct_customer_metrics"):
            assert sorted(shop.by(f"gold.{table}", "customer_id")) == BUYERS, table


class TestStar:
    def test_the_fact_says_what_the_big_table_says(self, shop):
        whole = shop.by("gold.customer_360", "customer_id")
        for who, row in shop.by("gold.fct_customer_metrics", "customer_id").items():
            assert row == {name: whole[who][name] for name in row}

    def test_its_keys_stand_in_the_dimensions(self, shop):
        for dimension, key in [("dim_rfm_segment", "segment"), ("dim_churn_group", "churn_group"),
                               ("dim_clv_tier", "clv_tier"), ("dim_customer", "customer_id")]:  # fmt: skip
            known = set(shop.by(f"gold.{dimension}", key))
            assert {row[key] for row in shop.rows("gold.fct_customer_metrics")} <= known
        dates = set(shop.by("gold.dim_date", "calendar_date"))
        for key in ("first_order_date", "last_order_date"):
            assert {row[key] for row in shop.rows("gold.fct_customer_metrics")} <= dates

    def test_dim_customer(self, shop):
        customers = shop.by("gold.dim_customer", "customer_id")
        # UK and EIRE by the country list in any case; its blank means unknown; what it does not know stays
        countries = {who: row["country"] for who, row in customers.items() if row["country"]}
        assert countries == {"ann": "Ireland", "zed": "United Kingdom", "ret": "Japan"}
        names = ("customer_name", "email", "city", "is_loyalty_member", "first_seen_date")
        assert picked(customers["zed"], *names) == ("Zed", None, None, False, day(6, 10))
        assert picked(customers["bob"], *names) == (None, None, None, None, day(6, 1))
        assert picked(customers["ivy"], *names) == (None, None, None, None, day(4, 5))

    def test_dim_churn_group(self, shop):
        names = ("risk_order", "min_days", "max_days")
        groups = {row["churn_group"]: picked(row, *names) for row in shop.rows("gold.dim_churn_group")}
        assert groups == {"Low": (1, 0, 30), "Medium": (2, 31, 60), "High": (3, 61, 90), "Churned": (4, 91, None)}

    def test_dim_clv_tier(self, shop):
        names = ("tier_order", "tier_measure", "cut_by", "at_least", "below")
        tiers = {row["clv_tier"]: picked(row, *names) for row in shop.rows("gold.dim_clv_tier")}
        profit = ("formula_clv_profit", "percentile")
        assert tiers == {
            "Low": (1, *profit, None, 0.33),
            "Medium": (2, *profit, 0.33, 0.66),
            "High": (3, *profit, 0.66, None),
        }

    def test_dim_rfm_segment_takes_all_125_triples(self, shop):
        rows = shop.rows("gold.dim_rfm_segment")
        assert sum(row["score_triple_count"] for row in rows) == 125
        assert sorted(row["segment_order"] for row in rows) == list(range(1, 10))
        champions = shop.by("gold.dim_rfm_segment", "segment")["Champions"]
        # 4 to 5 on all three: 2 x 2 x 2
        assert picked(champions, "segment_order", "score_triple_count") == (1, 8)

    def test_dim_product(self, shop):
        products = shop.by("gold.dim_product", "product_id")
        names = ("product_name", "category", "unit_cost", "first_line_date", "last_line_date")
        assert picked(products["P1"], *names) == ("Black tea", "Drink", D("4.2"), day(4, 1), day(6, 22))
        assert picked(products["P10"], *names) == ("Honey", "Food", D(2), None, None)  # never sold
        assert picked(products["P9"], *names) == (None, None, None, day(6, 10), day(6, 10))  # not on file
        assert sorted(products) == sorted(f"P{number}" for number in range(1, 11))

    def test_dim_date(self, shop):
        dates = shop.by("gold.dim_date", "calendar_date")
        assert list(dates) == [day(4, 1) + dt.timedelta(n) for n in range(91)]  # 30 + 31 + 30
        assert dates[day(6, 30)] == {  # a Sunday
            "calendar_date": day(6, 30),
            "calendar_year": 2024,
            "calendar_quarter": 2,
            "calendar_month": 6,
            "day_of_month": 30,
            "day_of_week": 7,
            "is_weekend": True,
            "month_start_date": day(6, 1),
            "week_start_date": day(6, 24),
        }
        for date, row in dates.items():  # Python's own calendar
            assert picked(row, "day_of_week", "is_weekend") == (date.isoweekday(), date.isoweekday() > 5)
            assert row["week_start_date"] == date - dt.timedelta(date.weekday())


class TestDays:
    def test_engagement(self, shop):
        days = shop.by("gold.engagement_daily", "activity_date")
        names = ("dau", "wau", "mau")
        assert len(days) == 91
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
        assert days[day(4, 2)]["stickiness"] == pytest.approx(2 / 3, abs=1e-12)
        assert days[day(6, 29)]["stickiness"] == 0.0

    def test_daily_metrics(self, shop):
        days = shop.by("gold.daily_metrics", "activity_date")
        assert len(days) == 91
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
        assert picked(days[day(6, 10)], *money) == (0, 0, D(-6), D(-6), D(-4), None)
        assert picked(days[day(6, 30)], *money) == (D(15), 0, D(-2), D(13), 0, D(13))

    def test_kpi_last_row(self, shop):
        last = shop.by("gold.kpi_overall", "kpi_date")[day(6, 30)]
        assert last == {
            "kpi_date": day(6, 30),
            "customer_count": 10,
            "active_customer_count": 5,
            "repeat_customer_count": 3,  # ann, hal, ned
            "repeat_customer_rate": pytest.approx(0.3, abs=1e-12),
            "churned_customer_count": 1,  # gus
            "churn_rate": pytest.approx(0.1, abs=1e-12),
            "order_count": 16,  # ann 4, hal 2, ned 2, seven others, one guest
            "guest_order_count": 1,
            # 69 + 20 + 20 + 7.5 + 100 + 3 + 60 + 15 + .0005 + .0005 and the guest's 9.99
            "gross_amount": D("304.4910"),
            "discount_amount": D("-0.5"),
            "refund_amount": D("-21.0010"),  # ann 10, ned .0010, ivy 3, ret 6, guest 2
            "net_amount": D("282.9900"),
            "average_order_value": D("17.6869"),  # 282.99 / 16 = 17.686875
            "average_historical_clv": D("28.1"),  # of the ten buyers: 281 / 10
            # net x tenure of each: 5265 + 600 + 620 + 457.5 + 6100 + 270 + 5460 + 12
            #   + .0005 x 82 - .0005 x 81 = 18784.5005; / 365 / 10, and 0.3 of it
            "average_formula_clv_revenue": D("5.1464"),
            "average_formula_clv_profit": D("1.5439"),
        }

    def test_kpi_of_an_earlier_day(self, shop):
        """04-10, measured at 04-11: gus 60, fay 3, ann 24.5, hal .0002. Ivy sent back, but is no customer yet."""
        kpi = shop.by("gold.kpi_overall", "kpi_date")[day(4, 10)]
        assert picked(kpi, "customer_count", "repeat_customer_count", "churned_customer_count") == (4, 0, 0)
        assert kpi["net_amount"] == D("84.5002")  # with ivy's -3
        assert kpi["average_historical_clv"] == D("21.8751")  # 87.5002 / 4 = 21.87505: half away from zero
        # 60 x 10 + 3 x 9 + 24.5 x 9 + .0002 x 1 = 847.5002; / 365 / 4
        assert kpi["average_formula_clv_revenue"] == D("0.5805")
        assert kpi["average_formula_clv_profit"] == D("0.1741")

    def test_kpi_last_row_agrees_with_the_customer_tables(self, shop):
        last = shop.by("gold.kpi_overall", "kpi_date")[day(6, 30)]
        buyers = shop.rows("gold.fct_customer_metrics")
        assert last["customer_count"] == len(buyers)
        assert last["repeat_customer_count"] == sum(row["order_count"] > 1 for row in buyers)
        assert last["churned_customer_count"] == sum(row["is_churned"] for row in buyers)
        assert last["order_count"] - last["guest_order_count"] == sum(row["order_count"] for row in buyers)
        assert last["average_historical_clv"] * 10 == sum(row["historical_clv"] for row in buyers)
        mean = sum(row["formula_clv_revenue"] for row in buyers) / 10
        assert abs(last["average_formula_clv_revenue"] - mean) < D("0.0001")

    def test_churned_to_date_by_the_day(self, shop):
        """Measured at the day after: gus, who bought on 04-01, is gone from 07-01 on, which is the row of 06-30."""
        days = shop.by("gold.kpi_overall", "kpi_date")
        assert [row["churned_customer_count"] for row in days.values()] == [0] * 90 + [1]


@pytest.fixture(scope="module")
def earlier(build_shop):
    """Measured at 06-01, with other settings: what came later is cut away, the day itself counts."""
    settings = corner.settings(
        as_of="2024-06-01",
        rfm={"method": "ntile"},
        clv={"gross_margin": 0.5, "tenure_unit": "months"},
        churn={"low_days": 10, "medium_days": 30, "window_days": 60},
    )
    return build_shop("corner_earlier", settings, corner.FILES)


class TestEarlierAsOf:
    def test_the_day_itself_counts_and_nothing_after_it(self, earlier):
        assert earlier.rows("measures.as_of") == [
            {"as_of_date": day(6, 1), "first_date": day(4, 1), "last_date": day(6, 1)}
        ]
        measured = earlier.by("measures.customer_measures", "customer_id")
        names = ("days_since_last_order", "tenure_days", "order_count", "net_amount")
        assert picked(measured["bob"], *names) == (0, 0, 1, D(20))
        assert picked(measured["ann"], *names) == (17, 60, 3, D("58.5"))
        assert picked(measured["ned"], *names) == (0, 51, 2, D("0.0005"))  # not yet sent back
        assert picked(measured["ivy"], *names) == (None, None, 0, D(-3))
        assert list(earlier.by("gold.dim_date", "calendar_date"))[-1] == day(6, 1)
        assert earlier.by("gold.dim_product", "product_id")["P1"]["last_line_date"] == day(6, 1)
        assert earlier.by("gold.dim_product", "product_id")["P10"]["first_line_date"] is None
        assert "P9" not in earlier.by("gold.dim_product", "product_id")

    def test_silver_and_the_ledger_keep_everything(self, earlier):
        assert len(earlier.rows("silver.order_lines")) == 26
        assert sum(row["raw_amount"] for row in earlier.rows("measures.ledger")) == D("278.99")

    def test_who_is_known(self, earlier):
        """ret and zed are on file, but came only later; joe is on file and never comes; ivy sent back before."""
        known = set(earlier.by("gold.customer_360", "customer_id"))
        assert known == {"ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ned", "ivy", "joe"}

    def test_ntile_gives_equal_groups_and_breaks_ties_by_id(self, earlier):
        # nine buyers in five groups of 2 2 2 2 1, worst first
        # days   gus 61, fay 60 | eve 31, dan 30 | ann 17, cat 1 | bob 0, hal 0 | ned 0
        # orders bob cat | dan eve | fay gus, one each | hal ned, two each | ann three
        # net    hal ned | fay dan | bob cat | ann gus | eve
        names = ("recency_score", "frequency_score", "monetary_score")
        scores = {who: picked(row, *names) for who, row in earlier.by("gold.customer_rfm", "customer_id").items()}
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

    def test_formula_clv_in_months_of_365_twelfths(self, earlier):
        measured = earlier.by("measures.customer_measures", "customer_id")
        names = ("formula_clv_revenue", "formula_clv_profit")
        assert picked(measured["ann"], *names) == (D("115.3973"), D("57.6986"))  # 58.5 x 60 x 12 / 365 = 115.39726
        assert picked(measured["gus"], *names) == (D("120.3288"), D("60.1644"))  # 60 x 61 x 12 / 365 = 120.32877
        assert picked(measured["bob"], *names) == (0, 0)

    def test_churn_limits_are_settings(self, earlier):
        names = ("is_churned", "churn_group")
        churn = {who: picked(row, *names) for who, row in earlier.by("gold.customer_churn", "customer_id").items()}
        assert churn["gus"] == (True, "Churned")  # 61 days
        assert churn["fay"] == (False, "High")  # 60
        assert churn["eve"] == (False, "High")  # 31
        assert churn["dan"] == (False, "Medium")  # 30
        assert churn["ann"] == (False, "Medium")  # 17
        assert churn["cat"] == (False, "Low")  # 1

    def test_kpi_is_measured_at_the_day_itself(self, earlier):
        days = earlier.by("gold.kpi_overall", "kpi_date")
        last = days[day(6, 1)]
        names = ("customer_count", "repeat_customer_count", "churned_customer_count", "active_customer_count")
        assert picked(last, *names) == (9, 3, 1, 5)
        assert [row["churned_customer_count"] for row in days.values()] == [0] * 61 + [1]
        # ann 58.5 x 60, cat 20 x 1, dan 7.5 x 31, eve 100 x 31, fay 3 x 60, gus 60 x 61, hal .0005 x 52,
        # ned .0005 x 51, bob 20 x 0: 10702.5515 x 12 / 365 / 9
        assert last["average_formula_clv_revenue"] == D("39.0961")
        assert last["average_historical_clv"] == D("29.8890")  # 269.0010 / 9


def test_a_second_run_changes_nothing(shop):
    before = shop.gold()
    again = shop.run()
    assert (again.is_new, again.reason, sum(landing.rows for landing in again.landed.values())) == (False, "", 0)
    assert shop.gold() == before
