"""Columns of other sources, and rebuilt times: what rows get, when older rows are made anew, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from patron.errors import SettingsError, SourceError
from patron.pipeline.check.check import check
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import BuiltShop, add_files, picked, table_rows, write_project

LINES = {
    "where": None,
    "key": ["order_id", "product_id"],
    "namespace": {"order_id": "shop"},
    "columns": {
        "order_id": "order_id",
        "product_id": "product_id",
        "quantity": "quantity",
        "ordered_at": "orders.placed_at",
        "customer_id": "orders.customers.customer_number",
        "channel": "orders.channel",
        "unit_price": "prices.price",
        "assumed": "'unit_price'",
    },
}


def settings(**lines):
    return {
        "shop": {"name": "Heads and lines"},
        "sources": {
            "customers": {"files": "customers*.csv"},
            "orders": {
                "files": "orders*.csv",
                "lookups": {"customers": {"on": {"e_mail": "lower(buyer)"}}},
                "null_values": ["-"],
                "entities": {
                    "orders": {
                        "key": ["order_id"],
                        "namespace": {"order_id": "shop"},
                        "columns": {
                            "order_id": "order_id",
                            "ordered_at": "placed_at",
                            "customer_id": "customers.customer_number",
                        },
                    }
                },
            },
            "prices": {"files": "prices*.csv"},
            "lines": {
                "files": "lines*.csv",
                "lookups": {"orders": {"on": "order_id"}, "prices": {"on": "product_id"}},
                "entities": {"order_lines": {**{k: v for k, v in LINES.items() if v is not None}, **lines}},
            },
        },
    }


CUSTOMERS = """
e_mail | customer_number
ada@x.example | 1
bob@x.example | 2
"""
ORDERS = """
order_id | placed_at | buyer | channel
A | 2024-01-05 10:00:00 | ADA@x.example | web
B | 2024-01-06 11:00:00 | bob@x.example | -
"""
PRICES = """
product_id | price
tea | 2.50
cup | 4.00
"""
LINES_1 = """
order_id | product_id | quantity
A | tea | 2
A | cup | 1
B | tea | 1
C | cup | 3
"""


def files(number, **tables):
    return {f"{name}{number}.csv": table_rows(text) for name, text in tables.items()}


@pytest.fixture
def shop(tmp_path) -> BuiltShop:
    first = files(1, customers=CUSTOMERS, orders=ORDERS, prices=PRICES, lines=LINES_1)
    built = BuiltShop(write_project(tmp_path / "shop", settings(), first))
    built.run()
    return built


def lines(shop):
    columns = ("order_id", "product_id", "customer_id", "order_date", "channel", "unit_price", "line_amount")
    return {row[:2]: row[2:] for row in (picked(row, *columns) for row in shop.rows("silver.order_lines"))}


def day(number):
    return dt.date(2024, 1, number)


def land(shop, number, **tables):
    add_files(shop.folder, files(number, **tables))
    return shop.run()


def is_as_full(shop):
    """Nothing fails: rows accounted for, and every gold table that of a full build."""
    return not check(shop.project, against_full=True).failed


def test_rows_get_what_other_sources_say(shop):
    assert lines(shop) == {
        ("A", "tea"): ("1", day(5), "web", Decimal("2.5"), Decimal("5")),
        ("A", "cup"): ("1", day(5), "web", Decimal("4"), Decimal("4")),
        ("B", "tea"): ("2", day(6), None, Decimal("2.5"), Decimal("2.5")),  # `-` means nothing in orders
    }
    (bad,) = shop.rows("quarantine.quarantined_rows")
    assert bad["quarantine_reason"] == "ordered_at: nothing found in orders"
    assert bad["raw_row"] == '{"order_id":"C","product_id":"cup","quantity":"3"}'
    assert {row["assumed"] for row in shop.rows("silver.order_lines")} == {"unit_price"}
    assert [row["assumed"] for row in shop.rows("gold.customer_360")] == ["unit_price", "unit_price"]


def test_older_rows_follow_what_they_look_up(shop):
    """A growing log rebuilds nothing; a late head, a corrected one, a customer's and an article's new value do."""
    report = land(
        shop, 2, orders="order_id | placed_at | buyer | channel\nD | 2024-01-07 09:00:00 | ada@x.example | web",
        lines="order_id | product_id | quantity\nD | tea | 1",
    )  # fmt: skip
    assert (report.models_rebuilt, report.is_full_build) == ([], False)
    assert lines(shop)["D", "tea"][:2] == ("1", day(7))

    report = land(
        shop, 3, orders="order_id | placed_at | buyer | channel\nC | 2024-01-08 09:00:00 | bob@x.example | web"
    )
    assert "stg_order_lines" in report.models_rebuilt
    assert "rows of lines that had landed before are replaced or look up other values now" in report.reason
    assert lines(shop)["C", "cup"][:2] == ("2", day(8))
    assert shop.rows("quarantine.quarantined_rows") == []
    assert is_as_full(shop)

    land(shop, 4, orders="order_id | placed_at | buyer | channel\nA | 2024-01-09 10:00:00 | bob@x.example | web")
    assert lines(shop)["A", "tea"][:2] == ("2", day(9))
    by_customer = shop.by("gold.customer_360", "customer_id")
    assert [by_customer[name]["order_count"] for name in ("1", "2")] == [1, 3]
    assert is_as_full(shop)

    land(shop, 5, customers="e_mail | customer_number\nbob@x.example | 22")
    assert {row[0] for row in lines(shop).values()} == {"1", "22"}
    report = land(shop, 6, prices="product_id | price\ncup | 5.00\ntin | 9.00")
    assert str(lines(shop)["C", "cup"][-1]) == "15.0000"
    assert is_as_full(shop)

    report = land(shop, 7, prices="product_id | price\ntea | 2.50\ncup | 5.00")
    assert report.models_rebuilt == []  # delivered again, and nothing in it is new


def test_a_filter_may_ask_what_was_found(tmp_path):
    first = files(1, customers=CUSTOMERS, orders=ORDERS, prices=PRICES, lines=LINES_1)
    shop = BuiltShop(write_project(tmp_path / "shop", settings(where="orders.order_id is not null"), first))
    shop.run()
    accounts = {row["entity"]: row for row in shop.rows("quarantine.row_accounting")}
    assert picked(accounts["order_lines"], "row_count", "silver_count", "filtered_count") == (4, 3, 1)
    land(shop, 2, orders="order_id | placed_at | buyer | channel\nC | 2024-01-08 09:00:00 | bob@x.example | web")
    accounts = {row["entity"]: row for row in shop.rows("quarantine.row_accounting")}
    assert picked(accounts["order_lines"], "row_count", "silver_count", "filtered_count") == (4, 4, 0)
    assert is_as_full(shop)


class TestRefused:
    """Before any data is touched."""

    def error(self, tmp_path, change):
        output = settings()
        change(output["sources"])
        with pytest.raises(SettingsError) as caught:
            Project.load(write_project(tmp_path / "shop", output, {}))
        return caught.value

    def test_a_source_that_is_not_there(self, tmp_path):
        error = self.error(tmp_path, lambda s: s["lines"]["lookups"].update(price={"on": "product_id"}))
        assert error.what == "There is no source 'price' to look up."
        assert error.do.startswith("did you mean 'prices'?")
        assert "sources.lines.lookups.price" in error.where

    def test_a_circle(self, tmp_path):
        error = self.error(tmp_path, lambda s: s["prices"].update(lookups={"lines": {"on": "product_id"}}))
        assert error.what == "The lookups form a cycle: prices -> lines -> prices."

    def test_an_idle_source(self, tmp_path):
        error = self.error(tmp_path, lambda s: s.update(weather={"files": "weather.csv"}))
        assert error.what == "The source weather fills no entity, and no other source looks it up."

    def test_a_name_that_is_no_lookup(self, tmp_path):
        columns = {**LINES["columns"], "status": "payments.state"}
        output = settings()
        output["sources"]["lines"]["entities"]["order_lines"].update(columns=columns)
        folder = write_project(
            tmp_path / "shop", output, files(1, customers=CUSTOMERS, orders=ORDERS, prices=PRICES, lines=LINES_1)
        )
        with pytest.raises(SourceError, match="no column 'payments'") as caught:
            run(Project.load(folder))
        assert "if payments is another source, name it under `lookups`" in str(caught.value.do)

    @pytest.mark.parametrize("text", ["max(order_id)", "(select 1)", "orders.order_id"])
    def test_a_key_that_is_no_plain_expression(self, tmp_path, text):
        error = self.error(tmp_path, lambda s: s["lines"]["lookups"]["prices"].update(on={"product_id": text}))
        assert "sources.lines.lookups.prices.on.product_id" in error.where


def test_a_column_that_the_other_source_lacks(shop):
    text = (shop.folder / "patron.yaml").read_text().replace("orders.channel", "orders.chanel")
    (shop.folder / "patron.yaml").write_text(text)
    with pytest.raises(SettingsError, match="There is no column 'orders__chanel'") as caught:
        shop.run()
    assert "did you mean 'orders__channel'?" in caught.value.do


TIMES = {
    "customer": "user",
    "number": "n",
    "gap_days": "gap",
    "weekday": "dow",
    "hour": "hour",
    "first_weekday": "monday",
    "anchor_date": "2024-01-02",  # a Tuesday: the first Monday is the 8th
    "cap_days": 30,
}


def history_settings(**changes):
    columns = {"order_id": "id", "ordered_at": "rebuilt_at", "customer_id": "user", "order_amount": "amount"}
    orders = {"columns": {**columns, "order_number": "n", "is_gap_capped": "is_gap_capped"}, "key": ["order_id"]}
    source = {
        "files": "*.csv",
        "rebuilt_times": {**TIMES, **changes},
        "null_values": ["NULL"],
        "entities": {"orders": orders},
    }
    return {"shop": {"name": "Histories"}, "sources": {"orders": source}}


HISTORY = """
id | user | n | gap | dow | hour | amount
1 | u | 1 | NULL | 0 | 8 | 10
2 | u | 2 | 7 | 0 | 09 | 10
3 | u | 3 | 3.0 | 3 | 23 | 10
4 | u | 4 | 30 | 6 | 0 | 10
5 | u | 5 | 0 | 6 | 5 | 10
6 | v | 1 | | 2 | 12 | 10
7 | v | 2 | 0 | 4 | 12 | 10
8 | v | 3 | 7 | 9 | 12 | 10
"""


def times(shop):
    return {row["order_id"]: (row["ordered_at"], row["is_gap_capped"]) for row in shop.rows("silver.orders")}


def at(month, day_, hour):
    return dt.datetime(2024, month, day_, hour)


def test_times_are_rebuilt(tmp_path):
    """By hand. u: Monday 8 January; a week on; Thursday 18th; 30 days are Saturday 17 February, so Sunday 18th."""
    shop = BuiltShop(write_project(tmp_path / "shop", history_settings(), {"all.csv": table_rows(HISTORY)}))
    shop.run()
    assert times(shop) == {
        "1": (at(1, 8, 8), False),
        "2": (at(1, 15, 9), False),
        "3": (at(1, 18, 23), False),
        "4": (at(2, 18, 0), True),
        "5": (at(2, 18, 5), False),
        "6": (at(1, 10, 12), False),
        "7": (at(1, 12, 12), False),  # the lost gap becomes the two days that the weekdays need
    }
    (bad,) = shop.rows("quarantine.quarantined_rows")[:1]
    assert (bad["entity"], bad["quarantine_reason"]) == ("order_lines", "ordered_at: required, but blank")


def test_first_orders_are_spread(tmp_path):
    """Over exactly as many weeks as are asked for, each customer by its own name alone."""
    rows = [
        {"id": str(n), "user": f"user{n}", "n": "1", "gap": "", "dow": "0", "hour": "1", "amount": "1"}
        for n in range(400)
    ]
    some = BuiltShop(write_project(tmp_path / "some", history_settings(spread_weeks=4), {"all.csv": rows[:50]}))
    every = BuiltShop(write_project(tmp_path / "all", history_settings(spread_weeks=4), {"all.csv": rows}))
    some.run()
    every.run()
    weeks = [(time - at(1, 8, 1)).days for time, _ in times(every).values()]
    assert sorted(set(weeks)) == [0, 7, 14, 21]
    assert min(weeks.count(week) for week in set(weeks)) > 70
    assert times(some).items() <= times(every).items()


def test_a_history_that_changes_in_the_middle(tmp_path):
    """An order at the end moves no other; one that is corrected moves those after it, and nobody else's."""
    rows = table_rows(HISTORY)[:7]
    shop = BuiltShop(write_project(tmp_path / "shop", history_settings(), {"1.csv": rows[:4] + rows[5:]}))
    shop.run()
    add_files(shop.folder, {"2.csv": rows[4:5]})
    assert shop.run().models_rebuilt == []
    assert times(shop)["5"] == (at(2, 18, 5), False)
    add_files(shop.folder, {"3.csv": [{**rows[1], "gap": "14"}]})
    assert "stg_orders" in shop.run().models_rebuilt
    assert [times(shop)[name][0] for name in "123457"] == [
        at(1, 8, 8), at(1, 22, 9), at(1, 25, 23), at(2, 25, 0), at(2, 25, 5), at(1, 12, 12)
    ]  # fmt: skip
    assert is_as_full(shop)


def random_feed(seed, rounds):
    """Batches of heads, lines, prices and customers that come in any order, again, and corrected."""
    chance = random.Random(seed)
    for _ in range(rounds):
        batch = {}
        if chance.random() < 0.8:
            batch["orders"] = [
                {
                    "order_id": f"o{chance.randrange(12)}",
                    "placed_at": f"2024-01-{chance.randrange(1, 29):02} 10:00:00",
                    "buyer": f"P{chance.randrange(5)}@x.example",
                    "channel": chance.choice(["web", "shop", "-"]),
                }
                for _ in range(chance.randrange(1, 5))
            ]
        if chance.random() < 0.8:
            batch["lines"] = [
                {
                    "order_id": f"o{chance.randrange(12)}",
                    "product_id": f"a{chance.randrange(4)}",
                    "quantity": chance.randrange(1, 4),
                }
                for _ in range(chance.randrange(1, 6))
            ]
        if chance.random() < 0.4:
            batch["prices"] = [{"product_id": f"a{chance.randrange(4)}", "price": chance.randrange(1, 9)}]
        if chance.random() < 0.4:
            batch["customers"] = [
                {"e_mail": f"p{chance.randrange(5)}@x.example", "customer_number": chance.randrange(4)}
            ]
        yield batch


def fed(tmp_path, seed, rounds):
    first = {
        "orders0.csv": [
            {"order_id": "o0", "placed_at": "2024-01-01 10:00:00", "buyer": "p0@x.example", "channel": "web"}
        ],
        "lines0.csv": [{"order_id": "o0", "product_id": "a0", "quantity": 1}],
        "prices0.csv": [{"product_id": "a0", "price": 2}],
        "customers0.csv": [{"e_mail": "p0@x.example", "customer_number": 0}],
    }
    output = settings()
    output["quarantine"] = {"stop_above_rate": 1}
    shop = BuiltShop(write_project(tmp_path / "shop", output, first))
    shop.run()
    for number, batch in enumerate(random_feed(seed, rounds), start=1):
        add_files(shop.folder, {f"{name}{number}.csv": rows for name, rows in batch.items()})
        shop.run()
    assert is_as_full(shop)


def test_a_random_feed_ends_as_a_full_build(tmp_path):
    fed(tmp_path, seed=1, rounds=4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 22))
def test_any_random_feed_ends_as_a_full_build(tmp_path, seed):
    fed(tmp_path, seed, rounds=6)
