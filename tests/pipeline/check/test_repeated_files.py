"""Full exports that are made anew under a new name: their old rows count twice, and are told."""

from __future__ import annotations

import pytest

from patron.engines import open_warehouse
from patron.lake import Lake
from patron.pipeline.check.before_publishing import list_doubts
from patron.pipeline.check.check import check
from shops.building import add_files, table_rows

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}
ROWS = [f"{number} | 2024-03-{1 + number % 28:02} | c{number % 5} | {number}" for number in range(1, 25)]


def settings(**more):
    lines = {"columns": COLUMNS, **more}
    return {"shop": {"name": "Again"}, "sources": {"till": {"files": "*.csv", "entities": {"order_lines": lines}}}}


def rows(*lines: str):
    return table_rows("number | at | who | price\n" + "\n".join(lines))


NEW = [f"{number} | 2024-03-{number % 28:02} | c9 | 5" for number in range(101, 111)]


def told_by_run(shop) -> list[str]:
    warehouse = open_warehouse(shop.project)
    with warehouse.hold_open():
        told = list(list_doubts(shop.project, Lake(shop.project.lake), warehouse))
    return [one for one in told if "earlier file" in one]


def warnings(shop) -> list[str]:
    findings = check(shop.project).findings
    return [one.detail for one in findings if (one.section, one.name, one.status) == ("rows", "till", "warn")]


def test_an_export_made_anew_in_another_order_is_told_and_a_day_of_new_rows_is_not(build_shop):
    files = {
        "2024-03-01.csv": rows(*ROWS[:16]),
        "2024-03-02.csv": rows(*reversed(ROWS[:16]), "99 | 2024-03-29 | c1 | 7"),
        "2024-03-03.csv": rows(*ROWS[16:], ROWS[0], ROWS[1]),
    }
    shop = build_shop("anew", settings(), files)
    (told,) = warnings(shop)
    assert [one for one in shop.report.warnings if "earlier file" in one] == [f"till: {told}"]
    assert told.startswith("16 of 17 rows of 2024-03-02.csv are in an earlier file, too, and count twice")
    assert not check(shop.project).failed


def test_the_run_that_lands_such_a_file_tells_it(build_money):
    shop = build_money("day", settings(), {"1.csv": rows(*ROWS[:16])})
    assert told_by_run(shop) == []
    add_files(shop.folder, {"2.csv": rows(*reversed(ROWS[:16]), "99 | 2024-03-29 | c1 | 7")})
    shop.run_money()
    (told,) = told_by_run(shop)
    assert told.startswith("till: 16 of 17 rows of 2.csv are in an earlier file, too")
    add_files(shop.folder, {"3.csv": rows(*ROWS[16:])})
    shop.run_money()
    assert told_by_run(shop) == []  # check tells it for as long as they count twice


@pytest.mark.parametrize(
    ("again", "found"), [(ROWS[:10], 1), (ROWS[:9], 0), ([*ROWS[:10], *ROWS[16:]], 1), ([*ROWS[:10], *NEW[:10]], 0)]
)
def test_ten_rows_and_more_than_half_of_them_are_enough(build_money, again, found):
    shop = build_money("edge", settings(), {"1.csv": rows(*ROWS[:16]), "2.csv": rows(*reversed(again))})
    assert len(told_by_run(shop)) == found


def test_tills_with_the_same_days_are_no_finding(build_money):
    other = [f"{number + 100} | 2024-03-{1 + number % 28:02} | c{number % 5} | {number}" for number in range(1, 25)]
    assert told_by_run(build_money("tills", settings(), {"1.csv": rows(*ROWS), "2.csv": rows(*other)})) == []


def test_nothing_is_told_where_a_key_says_which_row_counts(build_shop):
    files = {"1.csv": rows(*ROWS[:16]), "2.csv": rows(*reversed(ROWS[:16]), "99 | 2024-03-29 | c1 | 7")}
    shop = build_shop("keyed", settings(key=["order_id"]), files)
    assert warnings(shop) == told_by_run(shop) == []
