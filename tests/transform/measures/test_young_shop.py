"""A history that is not longer than the churn window: nobody can have churned yet, so no rate, no 0%, and a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from patron.contract.metrics import select
from shops.building import BuiltShop, write_project

WINDOW, START = 90, dt.date(2024, 1, 1)
UNKNOWN = "history not longer than the churn window"
COLUMNS = {"order_id": "order", "ordered_at": "at", "customer_id": "who", "quantity": "1", "unit_price": "price"}


def project_of(days: int) -> dict:
    entities = {"order_lines": {"columns": COLUMNS}}
    return {
        "shop": {"name": "Young", "currency": "EUR", "timezone": "UTC"},
        "as_of": str(START + dt.timedelta(days=days)),
        "sources": {"till": {"files": "till.csv", "entities": entities}},
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Ann bought on the first day only, bob three weeks ago; as_of is the last day at which nobody can have churned."""
    lines = [
        {"order": "1", "at": str(START), "who": "ann", "price": "10.00"},
        {"order": "2", "at": str(START + dt.timedelta(days=69)), "who": "bob", "price": "5.00"},
    ]
    folder = write_project(tmp_path_factory.mktemp("young"), project_of(WINDOW), {"till.csv": lines})
    young = BuiltShop(folder)
    young.run()
    return young


def read(shop, metrics):
    return shop.query(select(metrics, table="customer_360", where="churn_group is not null"))[0]


NAMES = ["customers_to_date", "churned_customers", "churn_rate", "retained_to_date"]


def test_nobody_is_said_to_stay_or_to_have_left(shop):
    rows = shop.by("gold.customer_churn", "customer_id")
    assert [rows[who]["is_churned"] for who in ("ann", "bob")] == [None, None]
    assert {row["is_churned_reason"] for row in rows.values()} == {UNKNOWN}
    assert {who: row["churn_group"] for who, row in rows.items()} == {"ann": "High", "bob": "Low"}  # 90 and 21 days
    assert {row["is_churned"] for row in shop.rows("gold.fct_customer_metrics")} == {None}
    assert {row["is_active"] for row in shop.rows("gold.customer_360")} == {True}


def test_no_metric_says_0_percent(shop):
    assert list(read(shop, NAMES).values()) == [2, None, None, None]
    last = shop.rows("gold.kpi_overall")[-1]
    assert (last["churned_customer_count"], last["churn_rate"], last["churn_rate_reason"]) == (None, None, UNKNOWN)


def test_the_day_after_it_is_known(shop):
    write_project(shop.folder, project_of(WINDOW + 1), {})
    shop.run()
    rows = shop.by("gold.customer_churn", "customer_id")
    assert {who: (row["is_churned"], row["is_churned_reason"]) for who, row in rows.items()} == {
        "ann": (True, None),
        "bob": (False, None),
    }
    assert list(read(shop, NAMES).values()) == [2, 1, 0.5, 1]
    assert shop.by("gold.customer_360", "customer_id")["ann"]["is_active"] is False
