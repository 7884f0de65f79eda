"""Mappings whose money would be wrong without a word: the run stops, says where, and publishes nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from patron.engines import open_warehouse
from patron.errors import CheckFailedError, SettingsError
from patron.pipeline.check.check import check
from patron.pipeline.check.future_events import FutureEvents, find_future_events
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import BuiltShop, add_files, run_shop, table_rows, write_project

ORDERS = table_rows("""
number | at               | who | total  | off
1      | 2024-03-01 10:00 | ann | 100.00 | 0
2      | 2024-03-02 10:00 | ann | 30.00  | 3
3      | 2024-03-03 10:00 | ben | 8.00   | 0
""")
ITEMS = table_rows("""
number | pieces | price
1      | 1      | 60.00
1      | 2      | 20.00
2      | 1      | 30.00
3      | 1      | 9.00
""")
HEAD = {"order_id": "number", "ordered_at": "at", "customer_id": "who"}
LINE = {"order_id": "number", "ordered_at": "heads.at", "customer_id": "heads.who", "quantity": "pieces"}


def heads_and_lines(namespace: dict[str, str], **orders: str) -> dict:
    """Heads in one source, and their lines in another that looks them up."""
    heads = {"columns": HEAD | orders, "namespace": namespace}
    lines = {"columns": LINE | {"unit_price": "price"}, "namespace": namespace}
    return {
        "shop": {"name": "Heads", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {
            "heads": {"files": "orders.csv", "entities": {"orders": heads}},
            "items": {
                "files": "items.csv",
                "lookups": {"heads": {"on": "number"}},
                "entities": {"order_lines": lines},
            },
        },
    }


def flat(columns: dict[str, str], **settings) -> dict:
    """One source of lines."""
    return {
        "shop": {"name": "Lines", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {"lines": {"files": "lines.csv", "entities": {"order_lines": {"columns": columns} | settings}}},
    }


def net(shop) -> dict[str, Decimal]:
    return {row["customer_id"]: row["net_amount"] for row in shop.rows("gold.customer_360")}


class TestHeadsAndLines:
    def test_a_total_beside_lines_of_the_same_orders_counts_once(self, build_shop):
        files = {"orders.csv": ORDERS, "items.csv": ITEMS}
        shop = build_shop("heads", heads_and_lines({"order_id": "shop"}, order_amount="total"), files)
        assert net(shop) == {"ann": 130, "ben": 9}
        (warning,) = [one for one in shop.report.warnings if "total" in one]
        assert warning.startswith("heads: 1 of 3 orders states a total that differs from the sum of the lines")
        assert "totals 138.00, lines 139.00" in warning
        (found,) = [one for one in check(shop.project).findings if one.section == "orders" and "total" in one.detail]
        assert found.status == "warn"

    def test_totals_that_are_the_sums_of_their_lines_are_no_doubt(self, build_shop):
        files = {"orders.csv": ORDERS[:2], "items.csv": ITEMS[:3]}
        shop = build_shop("equal", heads_and_lines({"order_id": "shop"}, order_amount="total"), files)
        assert net(shop) == {"ann": 130}
        assert not any("total" in one for one in shop.report.warnings)

    def test_the_same_orders_under_different_namespaces_stop_the_run(self, tmp_path):
        files = {"orders.csv": ORDERS, "items.csv": ITEMS}
        folder = write_project(tmp_path, heads_and_lines({}, order_amount="total"), files)
        with pytest.raises(CheckFailedError, match="3 of 3 orders of heads") as stopped:
            run(Project.load(folder))
        assert "order_amount" in stopped.value.where
        assert "sources.items.entities.order_lines.columns.order_id" in stopped.value.where
        assert not (folder / ".patron/published/current.json").exists()

    def test_order_ids_that_are_said_to_be_each_sources_own_count_both(self, build_money):
        files = {"orders.csv": ORDERS, "items.csv": ITEMS}
        shop = build_money("two tills", heads_and_lines({"order_id": "source"}, order_amount="total"), files)
        assert net(shop) == {"ann": 260, "ben": 17}

    @pytest.mark.parametrize("orders", [{}, {"order_amount": "total"}])
    def test_a_discount_of_an_order_is_shared_out_over_its_lines(self, build_money, orders):
        settings = heads_and_lines({"order_id": "shop"}, order_discount_amount="off", **orders)
        assert net(build_money("shared", settings, {"orders.csv": ORDERS, "items.csv": ITEMS})) == {
            "ann": 127,
            "ben": 9,
        }

    @pytest.mark.parametrize(
        "columns",
        [
            {"line_discount_amount": "heads.off"},
            {"unit_price": "cast(price as decimal(9, 2)) - coalesce(cast(heads.off as decimal(9, 2)), 0)"},
        ],
    )
    def test_a_discount_looked_up_from_the_order_is_not_taken_off_each_line(self, tmp_path, columns):
        settings = heads_and_lines({"order_id": "shop"})
        settings["sources"]["items"]["entities"]["order_lines"]["columns"] |= columns
        (name,) = columns
        with pytest.raises(SettingsError, match=f"{name} takes heads.off from the order once for each") as refused:
            Project.load(write_project(tmp_path, settings, {}))
        assert f"columns.{name}" in refused.value.where

    def test_a_rate_looked_up_from_the_order_is_a_factor_of_each_line(self, build_money):
        settings = heads_and_lines({"order_id": "shop"})
        price = "cast(price as decimal(9, 2)) * (1 - cast(heads.off as decimal(9, 2)) / 10)"
        settings["sources"]["items"]["entities"]["order_lines"]["columns"]["unit_price"] = price
        assert net(build_money("rate", settings, {"orders.csv": ORDERS, "items.csv": ITEMS})) == {"ann": 121, "ben": 9}

    def test_a_discount_of_orders_that_have_neither_an_amount_nor_lines_is_refused(self, tmp_path):
        settings = heads_and_lines({}, order_discount_amount="off")
        with pytest.raises(SettingsError, match="order_discount_amount would be lost") as refused:
            Project.load(write_project(tmp_path, settings, {}))
        assert "columns.order_discount_amount" in refused.value.where

    def test_a_discount_of_an_order_that_is_a_line_itself_counts(self, build_money):
        settings = heads_and_lines({}, order_amount="total", order_discount_amount="off")
        del settings["sources"]["items"]
        settings["orders"] = {"amount": "goods"}
        assert net(build_money("orders", settings, {"orders.csv": ORDERS})) == {"ann": 127, "ben": 8}

    def test_a_total_beside_its_parts_asks_whether_it_contains_them(self, tmp_path):
        settings = heads_and_lines({}, order_amount="total", order_discount_amount="off")
        del settings["sources"]["items"]
        with pytest.raises(SettingsError, match="whether the one contains the other is not known") as refused:
            Project.load(write_project(tmp_path, settings, {}))
        assert "columns.order_amount" in refused.value.where

    @pytest.mark.parametrize(("tax", "expected"), [("included", 110), ("added", 91)])
    def test_the_goods_of_a_total_are_what_is_left_without_shipping_tips_and_tax(self, build_shop, tax, expected):
        orders = [
            {
                "number": 1,
                "at": "2024-03-01",
                "who": "ann",
                "paid": "120.00",
                "off": "5.00",
                "post": "7.50",
                "tip": "2.50",
                "vat": "19.00",
            }
        ]
        columns = {"order_discount_amount": "off", "order_shipping_amount": "post", "order_tip_amount": "tip"}
        settings = heads_and_lines({}, order_amount="paid", order_tax_amount="vat", **columns)
        del settings["sources"]["items"]
        settings["orders"] = {"amount": "total", "tax": tax}
        shop = build_shop("totals", settings, {"orders.csv": orders})
        assert net(shop) == {"ann": expected}
        (day,) = shop.rows("measures.ledger")
        assert (day["gross_amount"], day["discount_amount"]) == (expected + 5, -5)
        assert not [one for one in check(shop.project).findings if one.status == "fail"]


FIRST_ROW_LINES = table_rows("""
name | who | status | article | price
S1   | ann | paid   | Mug     | 20.00
S2   | ben | voided | Bowl    | 50.00
S2   |     |        | Plate   | 30.00
S3   | ann | paid   | Mug     | 5.00
S3   |     |        | Cup     | 4.00
""")
FIRST_ROW_COLUMNS = {
    "order_id": "name",
    "customer_id": "who",
    "status": "status",
    "product_name": "article",
    "unit_price": "price",
    "ordered_at": "'2024-03-01 10:00'",
}


def first_row_settings(**more) -> dict:
    return flat(FIRST_ROW_COLUMNS, **more) | {"orders": {"spend_statuses": ["paid"]}}


class TestValuesOnTheFirstRow:
    @pytest.mark.parametrize(("filled", "named"), [([], "status"), (["status"], "customer_id")])
    def test_blanks_below_a_value_stop_the_run(self, tmp_path, filled, named):
        folder = write_project(tmp_path, first_row_settings(fill_down=filled), {"lines.csv": FIRST_ROW_LINES})
        with pytest.raises(CheckFailedError, match=rf"2 of 2 orders .* have a {named} on the first of their lines"):
            run(Project.load(folder))

    def test_what_a_stopped_run_landed_is_looked_at_again_with_the_next_file(self, tmp_path):
        settings, (paid, voided, blank, *_) = first_row_settings(fill_down=["customer_id"]), FIRST_ROW_LINES
        settings["sources"]["lines"]["files"] = "*.csv"
        folder = write_project(tmp_path, settings, {"a.csv": [paid]})
        run(Project.load(folder))
        add_files(folder, {"b.csv": [voided, blank]})
        with pytest.raises(CheckFailedError, match="1 of 1 orders"):
            run(Project.load(folder))
        add_files(folder, {"c.csv": [paid | {"name": "S8"}]})
        with pytest.raises(CheckFailedError, match="1 of 1 orders"):
            run(Project.load(folder))

    def test_filled_down_they_belong_to_the_whole_order(self, build_money):
        settings = first_row_settings(fill_down=["status", "customer_id"])
        shop = build_money("first rows", settings, {"lines.csv": FIRST_ROW_LINES})
        assert net(shop) == {"ann": 29, "ben": 0}
        overall = shop.rows("gold.kpi_overall")[-1]
        assert (overall["order_count"], overall["net_amount"]) == (2, 29)

    def test_they_are_not_filled_from_another_order_or_file(self, build_money):
        settings = first_row_settings(fill_down=["status"])
        settings["sources"]["lines"]["files"] = "*.csv"
        paid, blank = FIRST_ROW_LINES[0], FIRST_ROW_LINES[0] | {"status": None}
        shop = build_money("own", settings, {"a.csv": [paid, blank | {"name": "S9"}], "b.csv": [blank]})
        assert sorted((row["order_id"], row["status"] or "") for row in shop.rows("silver.order_lines")) == [
            ("S1", ""),
            ("S1", "paid"),
            ("S9", ""),
        ]

    def test_another_file_under_the_same_name_gives_the_same_as_a_full_build(self, tmp_path):
        settings, (first, *_) = first_row_settings(fill_down=["status"]), FIRST_ROW_LINES
        shop = run_shop(write_project(tmp_path, settings, {"lines.csv": [first]}))
        add_files(tmp_path, {"lines.csv": [first | {"status": None, "price": "7.00"}]})
        shop.run()
        incremental = shop.rows("silver.order_lines")
        shop.run(full_refresh=True)
        assert incremental == shop.rows("silver.order_lines")
        assert {row["unit_price"]: row["status"] for row in incremental} == {20: "paid", 7: None}

    def test_fill_down_names_columns_of_the_mapping(self, tmp_path):
        with pytest.raises(SettingsError, match="fill_down names 'currency'"):
            Project.load(write_project(tmp_path, first_row_settings(fill_down=["currency"]), {}))


TOTAL_LINES = table_rows("""
number | at               | who | article   | pieces | total  | off
1      | 2024-03-01 10:00 | ann | Fuel (ml) | 8123   | 20.00  | 0
2      | 2024-03-01 10:00 | ben | Trio      | 3      | 10.00  | 2.00
3      | 2024-03-02 10:00 | ben | Trio      | -3     | -10.00 | 0
4      | 2024-03-02 10:00 | cem | Vase      | 1      | -4.00  | 0
""")
TOTAL_COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "quantity": "pieces"}


class TestLineTotals:
    def test_a_total_counts_exactly_as_it_is_given(self, build_money):
        columns = TOTAL_COLUMNS | {"line_amount": "total", "line_discount_amount": "off"}
        shop = build_money("totals", flat(columns), {"lines.csv": TOTAL_LINES})
        assert net(shop) == {"ann": 20, "ben": 0, "cem": -4}
        found = {row["order_id"]: row for row in shop.rows("silver.order_lines")}
        assert {order: row["line_kind"] for order, row in found.items()} == {
            "1": "sale",
            "2": "sale",
            "3": "return",
            "4": "return",
        }
        assert (found["2"]["line_gross_amount"], found["2"]["unit_price"]) == (12, 4)
        assert (found["1"]["unit_price"], found["3"]["unit_price"]) == (Decimal("0.0025"), Decimal("3.3333"))

    def test_with_both_a_row_needs_one_of_them(self, build_money):
        lines = [TOTAL_LINES[0] | {"price": None}, TOTAL_LINES[1] | {"price": "7"}, TOTAL_LINES[3] | {"price": None}]
        lines[1]["total"] = lines[2]["total"] = None
        columns = TOTAL_COLUMNS | {"line_amount": "total", "unit_price": "price"}
        shop = build_money("both", flat(columns), {"lines.csv": lines})
        assert net(shop) == {"ann": 20, "ben": 21}
        (bad,) = shop.rows("quarantine.quarantined_rows")
        assert bad["quarantine_reason"] == "unit_price: required, but blank, and so is line_amount"

    def test_a_price_divided_out_of_a_total_is_refused(self, tmp_path):
        columns = TOTAL_COLUMNS | {"unit_price": "cast(total as decimal(18, 4)) / cast(pieces as decimal(18, 4))"}
        with pytest.raises(SettingsError, match="would not give the total back") as refused:
            Project.load(write_project(tmp_path, flat(columns), {}))
        assert refused.value.do == "map the total as line_amount instead of unit_price"

    def test_without_either_the_mapping_is_incomplete(self, tmp_path):
        with pytest.raises(SettingsError, match="needs unit_price") as refused:
            Project.load(write_project(tmp_path, flat(TOTAL_COLUMNS), {}))
        assert "or line_amount" in refused.value.do


NEGATIVE_LINES = table_rows("""
number | at               | who | article      | pieces | price
1      | 2024-03-01 10:00 | ann | Mug          | 1      | 100.00
1      | 2024-03-01 10:00 | ann | Coupon MARCH | 1      | -10.00
2      | 2024-03-02 10:00 | ben | Vase         | 1      | 50.00
3      | 2024-03-05 10:00 | ben | Vase         | 1      | -50.00
4      | 2024-03-05 10:00 | cem | Vase         | 2      | 50.00
5      | 2024-03-06 10:00 | cem | Vase         | -1     | 50.00
6      | 2024-03-06 10:00 | dan | Vase         | -1     | -50.00
""")
NEGATIVE_COLUMNS = {
    "order_id": "number",
    "ordered_at": "at",
    "customer_id": "who",
    "product_name": "article",
    "quantity": "pieces",
    "unit_price": "price",
}


class TestNegativeMoney:
    def test_deductions_and_refunds_lower_the_net_however_they_are_written(self, build_money):
        shop = build_money("negative", flat(NEGATIVE_COLUMNS), {"lines.csv": NEGATIVE_LINES})
        assert net(shop) == {"ann": 90, "ben": 0, "cem": 50, "dan": 0}
        kinds = [row["line_kind"] for row in sorted(shop.rows("silver.order_lines"), key=lambda row: row["_row_key"])]
        assert kinds == ["sale", "discount", "sale", "return", "sale", "return", "invalid"]
        overall = shop.rows("gold.kpi_overall")[-1]
        assert (overall["order_count"], overall["net_amount"]) == (3, 140)

    def test_a_credit_note_given_as_a_negative_total_is_a_refund(self, build_money):
        orders = [ORDERS[0], ORDERS[1] | {"total": "-40.00"}]
        settings = heads_and_lines({}, order_amount="total")
        del settings["sources"]["items"]
        assert net(build_money("credit note", settings, {"orders.csv": orders})) == {"ann": 60}


CURRENCY_LINES = table_rows("""
number | at               | who | money | price
1      | 2024-03-01 10:00 | ann | EUR   | 100.00
2      | 2024-03-01 11:00 | ben | usd   | 100.00
3      | 2024-03-01 12:00 | kai | JPY   | 10000
4      | 2024-03-01 12:00 | kai | USD   | 5
""")
CURRENCY_COLUMNS = {
    "order_id": "number",
    "ordered_at": "at",
    "customer_id": "who",
    "currency": "money",
    "unit_price": "price",
}


class TestCurrencies:
    def stop(self, folder, lines) -> str:
        with pytest.raises(CheckFailedError) as stopped:
            run(Project.load(write_project(folder, flat(CURRENCY_COLUMNS), {"lines.csv": lines})))
        assert not (folder / ".patron/published/current.json").exists()
        return str(stopped.value)

    def test_several_are_never_added_up(self, tmp_path):
        assert "USD (lines: 2), EUR (lines: 1), JPY (lines: 1)" in self.stop(tmp_path, CURRENCY_LINES)

    def test_another_than_the_shops_is_told(self, tmp_path):
        assert "All lines are in USD, and the shop's currency is EUR" in self.stop(tmp_path, [CURRENCY_LINES[1]])

    def test_the_shops_own_in_any_case_is_fine(self, build_money):
        lines = [CURRENCY_LINES[0], CURRENCY_LINES[0] | {"money": "eur "}, CURRENCY_LINES[0] | {"money": None}]
        assert net(build_money("one currency", flat(CURRENCY_COLUMNS), {"lines.csv": lines})) == {"ann": 300}


DATED_COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "total"}
DATED_LATE = {"number": "4", "at": "2162-03-02 10:00", "who": "ann", "total": "9"}


class TestFutureEvents:
    def test_one_mistyped_year_stops_the_run_instead_of_moving_the_shop(self, tmp_path):
        folder = write_project(tmp_path, flat(DATED_COLUMNS), {"lines.csv": [*ORDERS, DATED_LATE]})
        with pytest.raises(
            CheckFailedError, match=r"1 row is dated after today in order_lines of lines, .* 2162-03-02"
        ):
            run(Project.load(folder))
        assert not (folder / ".patron/published/current.json").exists()
        built = BuiltShop(folder)
        assert built.rows("silver.order_lines") and "customer_360" not in built.gold_tables()  # before it is predicted

    def test_it_can_be_set_aside(self, build_money):
        settings = flat(DATED_COLUMNS) | {"quarantine": {"future_events": True}}
        shop = build_money("set aside", settings, {"lines.csv": [*ORDERS, DATED_LATE]})
        assert str(shop.rows("measures.as_of")[0]["as_of_date"]) == "2024-03-03"
        (bad,) = shop.rows("quarantine.quarantined_rows")
        assert bad["quarantine_reason"] == "ordered_at: after it landed"

    def test_a_fixed_day_leaves_planned_events_to_later_runs(self, build_money):
        settings = flat(DATED_COLUMNS) | {"as_of": "2024-04-01"}
        assert net(build_money("planned", settings, {"lines.csv": [*ORDERS, DATED_LATE]})) == {"ann": 130, "ben": 8}

    def test_today_is_no_future(self, tmp_path):
        shop = run_shop(write_project(tmp_path, flat(DATED_COLUMNS), {"lines.csv": ORDERS}))
        warehouse = open_warehouse(shop.project)
        last = dt.date(2024, 3, 3)
        assert find_future_events(shop.project, warehouse, last) == []
        found = find_future_events(shop.project, warehouse, last - dt.timedelta(1))
        assert found == [FutureEvents("order_lines", "lines", 1, last)]
