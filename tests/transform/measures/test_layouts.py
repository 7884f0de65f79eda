"""One truth in several layouts: each gives the same money to the penny, and that of plain Python."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patron.pipeline.check.check import check
from shops import layouts
from shops.building import BuiltShop, add_files, run_shop, write_project

SAME = ("customer_360", "daily_metrics", "period_metrics", "monthly_order_value", "kpi_overall", "cohort_retention")


def net_by_day_and_customer(shop) -> dict[tuple[dt.date, str | None], Fraction]:
    sql = (
        "select order_date, customer_id, sum(line_amount) as net from silver.order_lines "
        "where line_kind in ('sale', 'return', 'discount') group by order_date, customer_id"
    )
    return {(row["order_date"], row["customer_id"]): Fraction(row["net"]) for row in shop.query(sql)}


def assert_right(shop, truth) -> None:
    assert net_by_day_and_customer(shop) == truth.net_by_day_and_customer()
    customers = {row["customer_id"]: Fraction(row["net_amount"]) for row in shop.rows("gold.customer_360")}
    expected: dict[str, Fraction] = {}
    for (_, who), amount in truth.net_by_day_and_customer().items():
        if who is not None:
            expected[who] = expected.get(who, Fraction(0)) + amount
    assert {who: net for who, net in customers.items() if net} == {who: net for who, net in expected.items() if net}
    failed = [finding for finding in check(shop.project).findings if finding.status == "fail"]
    assert failed == []


ONE_BY_ONE = {
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


def each_layout_gives_the_same(tmp_path_factory, seed: int) -> None:
    truth = layouts.draw(seed)
    gold = {}
    for layout in layouts.LAYOUTS:
        folder = tmp_path_factory.mktemp(layout)
        shop = run_shop(write_project(folder, layouts.settings(layout), layouts.files(truth, layout)))
        assert_right(shop, truth)
        gold[layout] = {name: shop.rows(f"gold.{name}") for name in SAME}
    assert all(tables == gold["flat"] for tables in gold.values())


@settings(max_examples=1, **ONE_BY_ONE)
@given(seed=st.integers(1, 2**32))
def test_every_layout_gives_the_same_money_as_plain_python(tmp_path_factory, seed):
    each_layout_gives_the_same(tmp_path_factory, seed)


@pytest.mark.soak
@settings(max_examples=20, **ONE_BY_ONE)
@given(seed=st.integers(1, 2**32))
def test_every_layout_of_many_shops(tmp_path_factory, seed):
    each_layout_gives_the_same(tmp_path_factory, seed)


KEYS = {"heads": ["order_id"], "items": ["order_id", "product_id"], "lines": ["order_id", "product_id"]}


def keyed(layout: str) -> dict:
    """A layout in which a later row of an order, or of a line, replaces an earlier one."""
    made = layouts.settings(layout)
    for name, key in KEYS.items():
        for mapping in made["sources"].get(name, {}).get("entities", {}).values():
            mapping["key"] = key
    return made


def assert_incremental_equals_full(folder) -> None:
    """A build from nothing gives the same tables."""
    shop = BuiltShop(folder)
    built = {name: shop.rows(name) for name in ("silver.order_lines", "measures.ledger", *(f"gold.{t}" for t in SAME))}
    shop.run(full_refresh=True)
    assert {name: shop.rows(name) for name in built} == built


@pytest.mark.parametrize("layout", ["flat", "heads_and_lines"])
def test_edited_orders_and_late_rates_give_what_a_full_build_gives(tmp_path, layout):
    truth = layouts.draw(5)
    chance = random.Random(5)
    folder = write_project(tmp_path, keyed(layout), {})
    early = replace(truth, orders=truth.orders[:40])
    first = layouts.files(early, layout, "_1")
    first["rates_1.csv"] = [row for row in first["rates_1.csv"] if row["since"] < "2024-02-01"]
    add_files(folder, first)
    shop = run_shop(folder)
    # rates that change what has landed, new orders, and orders that were edited
    edited = [edit(order, chance) for order in truth.orders[10:30]]
    later = replace(truth, orders=[*edited, *truth.orders[40:]])
    second = layouts.files(later, layout, "_2")
    rates = {"rates_2.csv": second.pop("rates_2.csv")[1:2]}
    add_files(folder, rates)
    shop.run()
    assert_right(shop, replace(early))
    add_files(folder, second)
    shop.run()
    assert not shop.report.is_full_build
    now = replace(truth, orders=[*truth.orders[:10], *edited, *truth.orders[30:]])
    assert_right(shop, now)
    assert_incremental_equals_full(folder)


def edit(order, chance):
    """The order with another discount, refund, status, or customer."""
    changed = replace(order, off=layouts.round_half_up(order.goods * chance.choice((0, 5, 50)) / 100, 2))
    changed.refunded = layouts.round_half_up(changed.total * chance.choice((0, 30, 100)) / 100, 2)
    changed.refunded_at = changed.at + dt.timedelta(days=3) if changed.refunded else None
    changed.status, changed.who = chance.choice(["paid", "void"]), chance.choice([order.who, "c99"])
    return changed
