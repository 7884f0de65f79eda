"""One truth in five layouts: each gives the same money to the penny, and that of plain Python."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patron.pipeline.check.check import check
from shops import five_layouts
from shops.building import run_shop, write_project

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


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
def test_every_layout_gives_the_same_money_as_plain_python(tmp_path_factory, seed):
    truth = five_layouts.draw(seed)
    gold = {}
    for layout in five_layouts.LAYOUTS:
        folder = tmp_path_factory.mktemp(layout)
        shop = run_shop(write_project(folder, five_layouts.settings(layout), five_layouts.files(truth, layout)))
        assert_right(shop, truth)
        gold[layout] = {name: shop.rows(f"gold.{name}") for name in SAME}
    assert all(tables == gold["flat"] for tables in gold.values())
