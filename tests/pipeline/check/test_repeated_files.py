"""Full exports that are made anew under a new name: their old rows count twice, and are told."""

from __future__ import annotations

from patron.pipeline.check.check import check
from shops.building import table_rows

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}
ROWS = [f"{number} | 2024-03-{1 + number % 28:02} | c{number % 5} | {number}" for number in range(1, 25)]


def settings(**more):
    lines = {"columns": COLUMNS, **more}
    return {"shop": {"name": "Again"}, "sources": {"till": {"files": "*.csv", "entities": {"order_lines": lines}}}}


def rows(*lines: str):
    return table_rows("number | at | who | price\n" + "\n".join(lines))


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
    assert told.startswith("16 of 17 rows of 2024-03-02.csv are in an earlier file, too, and count twice")
    assert not check(shop.project).failed


def test_nothing_is_told_where_a_key_says_which_row_counts(build_shop):
    files = {"1.csv": rows(*ROWS[:16]), "2.csv": rows(*reversed(ROWS[:16]), "99 | 2024-03-29 | c1 | 7")}
    assert warnings(build_shop("keyed", settings(key=["order_id"]), files)) == []
