"""Order numbers that are used again where a key, or the head of an order, lets only one row of a number count."""

from __future__ import annotations

import pytest

from patron.engines import open_warehouse
from patron.errors import CheckFailedError
from patron.lake import Lake
from patron.pipeline.check.before_publishing import list_doubts
from patron.pipeline.check.check import check
from shops.building import add_files, table_rows

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "product_id": "what", "unit_price": "price"}


def settings(**more):
    lines = {"key": ["order_id", "product_id"], "columns": COLUMNS, **more}
    return {"shop": {"name": "Again"}, "sources": {"till": {"files": "*.csv", "entities": {"order_lines": lines}}}}


def two_years(orders: int, used_again: int) -> list[dict[str, object]]:
    """`orders` of 2023, and as many of 2024, of which `used_again` have a number of 2023."""
    return [
        {
            "number": n if year == 2023 or n < used_again else 1000 + n,
            "at": f"{year}-03-{1 + n % 28:02}",
            "who": f"c{n % 7 + year}",
            "what": "tea",
            "price": 10,
        }
        for year in (2023, 2024)
        for n in range(orders)
    ]


def find(shop) -> list[str]:
    """What a run tells of the tables."""
    warehouse = open_warehouse(shop.project)
    with warehouse.hold_open():
        told = list(list_doubts(shop.project, Lake(shop.project.lake), warehouse))
    return [one for one in told if "came again" in one]


def test_lines_that_took_the_place_of_others_are_told_by_run_and_check(build_shop):
    shop = build_shop("few", settings(), {"a.csv": two_years(20, 2)})
    (warning,) = [one for one in shop.report.warnings if "came again" in one]
    assert warning == (
        "till: of 38 lines of orders some came again, and 2 name another customer on another day and 2 lie more than 90 "
        "days apart: only one row of each counts, but their numbers may start again at another till, on another day or in "
        "another year"
    )
    found = [one for one in check(shop.project).findings if one.section == "orders" and "came again" in one.detail]
    assert [(one.name, one.status) for one in found] == [("till", "warn")]
    assert sum(row["line_amount"] for row in shop.rows("silver.order_lines")) == 380  # 400 came


@pytest.mark.parametrize(
    "keyed",
    [{}, {"whole_orders": True, "key": [], "columns": {**COLUMNS, "updated_at": "at"}}],
    ids=["lines", "whole orders"],
)
def test_a_year_that_takes_the_place_of_another_stops_the_run(build_money, keyed):
    rows = two_years(20, 20)
    files = {"2023.csv": rows[:20], "2024.csv": rows[20:]}
    with pytest.raises(CheckFailedError, match="20 lie more than 90 days apart") as raised:
        build_money("year", settings(**keyed), files)
    assert "numbers_restart: year" in str(raised.value)
    assert "order_id" in raised.value.where
    shop = build_money("told", settings(numbers_restart="year", **keyed), files)
    assert (len(shop.rows("silver.order_lines")), find(shop)) == (40, [])


def test_a_fifth_of_all_numbers_is_too_many_and_four_are_too_few(build_money):
    assert find(build_money("below", settings(), {"a.csv": two_years(18, 5)}))  # 5 of 31
    with pytest.raises(CheckFailedError, match="of 25 lines"):
        build_money("fifth", settings(), {"a.csv": two_years(15, 5)})
    assert find(build_money("four", settings(), {"a.csv": two_years(4, 4)}))


def test_corrections_of_a_line_are_none(build_money):
    rows = table_rows("""
        number | at         | who | what | price
        1      | 2024-03-01 | ann | tea  | 10
        1      | 2024-03-01 | ann | tea  | 12
        2      | 2024-03-01 | ann | tea  | 10
        2      | 2024-03-01 | ben | tea  | 10
        3      | 2024-03-01 | ann | tea  | 10
        3      | 2024-03-05 | ann | tea  | 10
        4      | 2024-01-01 | ann | tea  | 10
        4      | 2024-03-31 | ann | tea  | 10
        5      | 2024-03-01 | ann | tea  | 10
        5      | 2024-03-02 | ben | cup  | 10
    """)
    assert find(build_money("corrected", settings(), {"a.csv": rows})) == []


def test_a_later_landing_is_judged_by_what_it_brings(build_money):
    shop = build_money("later", settings(), {"a.csv": two_years(20, 0)[:20]})
    add_files(shop.folder, {"b.csv": two_years(20, 20)[20:]})
    with pytest.raises(CheckFailedError, match="of 20 lines of orders some came again"):
        shop.run_money()


def heads_and_lines(**more):
    made = {
        "heads": {
            "files": "heads.csv",
            "entities": {
                "orders": {
                    "namespace": {"order_id": "shop"},
                    "columns": {"order_id": "number", "ordered_at": "at", "customer_id": "who"},
                    **more,
                }
            },
        },
        "items": {
            "files": "items.csv",
            "lookups": {"heads": {"on": "number"}},
            "entities": {
                "order_lines": {
                    "namespace": {"order_id": "shop"},
                    "columns": {
                        **{"order_id": "number", "ordered_at": "heads.at", "product_id": "what"},
                        "unit_price": "price",
                    },
                }
            },
        },
    }
    return {"shop": {"name": "Heads"}, "sources": made}


@pytest.mark.parametrize("key", [[], ["order_id"]], ids=["without a key", "with a key"])
def test_heads_of_one_number_and_several_customers_are_told(build_money, key):
    rows = two_years(20, 2)
    shop = build_money("heads", heads_and_lines(key=key), {"heads.csv": rows, "items.csv": rows})
    (warning,) = find(shop)
    assert warning.startswith(
        "heads: of 38 orders some came again, and 2 name another customer on another day and 2 lie"
    )


def test_heads_of_another_year_under_all_the_numbers_stop_the_run(build_money):
    rows = two_years(20, 20)
    with pytest.raises(CheckFailedError, match="of 20 orders some came again"):
        build_money("heads", heads_and_lines(), {"heads.csv": rows, "items.csv": rows})
