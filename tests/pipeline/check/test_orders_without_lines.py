"""Orders of which only the head is known: counted, told by the run and by `patron check`, and in no measure."""

from __future__ import annotations

import pytest

from patron.pipeline.check.check import check
from patron.pipeline.check.orders_without_lines import OrderHeads
from shops.building import table_rows

HEADS = table_rows("""
number | at               | who
1      | 2024-01-05 10:00 | c1
2      | 2024-01-06 10:00 | c1
3      | 2024-01-07 10:00 | c2
4      | 2024-01-08 10:00 | c3
4      | 2024-01-08 11:00 | c3
""")
LINES = table_rows("""
number | article | price
1      | p1      | 2
1      | p2      | 3
3      | p1      | 2
""")
WHOLE = table_rows("""
number | at               | who | amount
2      | 2024-01-09 10:00 | c4  | 7
""")
KEPT = {"key": ["order_id"], "namespace": {"order_id": "shop"}}
HEAD = {"order_id": "number", "ordered_at": "at", "customer_id": "who"}


@pytest.fixture(scope="module")
def shop(build_shop):
    """Heads with lines elsewhere, and a till whose orders come whole: its order 2 is another."""
    line = {
        "order_id": "number",
        "product_id": "article",
        "unit_price": "price",
        "ordered_at": "heads.at",
        "customer_id": "heads.who",
    }
    sources = {
        "heads": {"files": "heads.csv", "entities": {"orders": {**KEPT, "columns": HEAD}}},
        "lines": {
            "files": "lines.csv",
            "lookups": {"heads": {"on": "number"}},
            "entities": {"order_lines": {"namespace": {"order_id": "shop"}, "columns": line}},
        },
        "till": {"files": "till.csv", "entities": {"orders": {"columns": {**HEAD, "order_amount": "amount"}}}},
    }
    files = {"heads.csv": HEADS, "lines.csv": LINES, "till.csv": WHOLE}
    return build_shop("heads", {"shop": {"name": "Heads"}, "sources": sources}, files)


def test_the_run_says_how_many_orders_have_no_lines(shop):
    """Orders 2 and 4 of 1, 2, 3 and 4; the till's orders are lines themselves."""
    assert "heads: 2 of 4 orders have no lines and count in no measure" in shop.report.warnings
    assert not any(warning.startswith("till") for warning in shop.report.warnings)


def test_a_check_warns_of_them(shop):
    found = [finding for finding in check(shop.project).findings if finding.section == "orders"]
    assert [(one.name, one.status, one.detail) for one in found] == [
        ("heads", "warn", "2 of 4 orders have no lines and count in no measure")
    ]


def test_they_count_in_no_measure(shop):
    """c1 has order 1 (5), c2 order 3 (2), c4 the till's (7); c3 has a head only, and is nobody yet."""
    rows = shop.by("gold.customer_360", "customer_id")
    assert {who: (row["order_count"], row["net_amount"]) for who, row in rows.items()} == {
        "c1": (1, 5),
        "c2": (1, 2),
        "c4": (1, 7),
    }


def test_where_each_order_has_lines_that_is_reported():
    assert OrderHeads("heads", 4, 0).describe() == "all 4 orders have lines"
