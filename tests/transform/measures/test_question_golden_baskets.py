"""Large orders from many departments, by hand: tests/shops/questions_a.py."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shops import questions_a
from shops.building import picked


def test_who_is_golden(questions_a_shop):
    """Average order value of who ordered twice: cat 46.50, ann 60, eve 100, fay 100, gus 500; the median is 100.

    Departments: eve three (her odd thing has none), fay one (three categories of it), gus two (what was free was not
    bought), ann three, but her orders are small.
    """
    rows = questions_a_shop.by("gold.golden_baskets", "customer_id")
    columns = ("average_order_value", "golden_from_order_value", "department_count", "order_count", "net_amount")
    assert {who: picked(row, *columns) for who, row in rows.items()} == {"eve": (100, 100, 3, 2, 200)}
    assert isinstance(rows["eve"]["golden_from_order_value"], Decimal)


@pytest.fixture(scope="module")
def by_category(build_shop):
    """The same shop without departments on its shelf, and with a lower bar."""
    settings = questions_a.settings(
        questions={"golden_baskets": {"percentile": 0.25, "least_orders": 1, "least_departments": 3}}
    )
    del settings["sources"]["shelf"]["entities"]["products"]["columns"]["department"]
    return build_shop("questions_a_categories", settings, questions_a.FILES)


def test_categories_stand_in_where_no_departments_are_mapped(by_category):
    """Of seven: dan 12, bob 30, cat 46.50, ann 60, eve 100, fay 100, gus 500. The quartile lies between the second and
    the third, (30 + 46.50) / 2, so cat's 46.50 is the least above; eve has four categories, ann and fay three.
    """
    rows = by_category.by("gold.golden_baskets", "customer_id")
    assert {who: row["department_count"] for who, row in rows.items()} == {"ann": 3, "eve": 4, "fay": 3}
    assert {row["golden_from_order_value"] for row in rows.values()} == {Decimal("46.5")}
