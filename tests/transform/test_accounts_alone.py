"""Where rows and money went, from a few rows by hand: every row in once, every amount in one step."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from patron.contract.revenue_bridge import BESIDE, STEPS, list_steps
from patron.pipeline.check import row_checks
from patron.pipeline.money import SourceMoney
from transform.compiled_sql import shipped_macros
from transform.lone_models import Row, bounds, build, build_all, line, numbered


def of(source: str, count: int, **more: Any) -> list[Row]:
    return [{"source_name": source, "_row_key": number, "_batch_id": 1, **more} for number in range(1, count + 1)]


def latest(key: str, rows: int, row_key: int, *, is_deleted: bool = False, rank: int = 1) -> Row:
    return {
        **{"source_name": "products", "_entity_key": key, "_row_count": rows, "_row_key": row_key},
        **{"_is_deleted": is_deleted, "source_rank": rank, "_affected_batch_id": 1},
    }


def counted(entity: str, source: str, name: str, count: int) -> list[Row]:
    return [{"entity": entity, "source_name": source, name: count}]


def test_every_row_is_counted_in_one_place():
    """Six lines: three kept, two bad, one filtered. Five rows of three products, of which one was deleted."""
    tables = {
        "bronze.order_lines": of("order_lines", 6),
        "bronze.products": of("products", 5),
        "bronze.deliveries": of("deliveries", 2),
        "bronze.campaign_touches": of("campaign_touches", 1),
        "silver.order_lines": of("order_lines", 3),
        "silver.products": of("products", 2),
        "silver.deliveries": of("deliveries", 2),
        "silver.campaign_touches": of("campaign_touches", 1),
        "staging.latest_products": [latest("a", 2, 4), latest("b", 2, 5, is_deleted=True), latest("c", 1, 3)],
        "quarantine.quarantined_rows": [{"entity": "order_lines", "source_name": "order_lines"}] * 2,
        "quarantine.filtered_rows": counted("order_lines", "order_lines", "filtered_count", 1),
    }
    found = {row["entity"]: row for row in build("row_accounting", tables)}
    columns = "row_count silver_count duplicate_count deleted_count quarantined_count filtered_count".split()
    assert {entity: [row[name] for name in columns] for entity, row in found.items()} == {
        "order_lines": [6, 3, 0, 0, 2, 1],
        "products": [5, 2, 2, 1, 0, 0],
        "deliveries": [2, 2, 0, 0, 0, 0],
        "campaign_touches": [1, 1, 0, 0, 0, 0],
    }


def test_a_row_of_which_the_filter_knows_nothing_is_filtered():
    names = "order_id ordered_at customer_id quantity unit_price".split()
    mapped = {"columns": {name: name for name in names}, "where": "customer_id = 'ann'"}
    sources = {"order_lines": {"files": "*.csv", "entities": {"order_lines": mapped}}}
    rows = [
        {"customer_id": who, "_batch_id": batch, "_row_key": number, "_source_file": "a"}
        for number, (who, batch) in enumerate([("ann", 1), ("bob", 1), (None, 1), (None, 2)])
    ]
    found = build("filtered_rows", {"bronze.order_lines": rows}, sources=sources)
    assert {row["batch_id"]: row["filtered_count"] for row in found} == {1: 2, 2: 1}


def checked(stored: int, counts: dict[str, int]) -> list[tuple[str, str]]:
    """What `patron check` finds of six rows, with so many filtered by the last build, and these counts now."""
    account = dict.fromkeys(
        ("silver_count", "duplicate_count", "deleted_count", "quarantined_count", "filtered_count"), 0
    )
    account |= {"source_name": "till", "entity": "order_lines", "row_count": 6, **counts}

    def query(sql: str) -> list[Row]:
        if "sum(filtered_count)" in sql:
            count = stored if "quarantine.filtered_rows" in sql else 1
            return [{"source_name": "till", "entity": "order_lines", "n": count}]
        return [] if "count(*)" in sql else [account]

    mappings = SimpleNamespace(
        mappings_of=lambda _: {}, settings=SimpleNamespace(rules=SimpleNamespace(exact_duplicates="keep"))
    )
    context = SimpleNamespace(query=query, read_model=lambda schema, model: f"{model}_again", project=mappings)
    return [(one.status, one.detail) for one in row_checks.check_rows(context)]


def test_a_lost_row_and_one_too_many_are_found():
    fine = {"silver_count": 3, "duplicate_count": 1, "deleted_count": 0, "quarantined_count": 1, "filtered_count": 1}
    assert checked(1, fine) == [("pass", "6 in = 3 silver + 1 duplicates + 1 quarantined + 1 filtered")]
    (lost,) = checked(1, {**fine, "silver_count": 2})
    assert lost == ("fail", "6 in = 2 silver + 1 duplicates + 1 quarantined + 1 filtered; 1 lost")
    (many,) = checked(1, {**fine, "deleted_count": 2})
    assert many == ("fail", "6 in = 3 silver + 1 duplicates + 2 deleted + 1 quarantined + 1 filtered; 2 too many")


def test_what_the_last_build_stored_is_counted_again():
    assert checked(2, {"silver_count": 6})[0] == ("fail", "1 filtered in bronze, but 2 stored by the last build")


# Money

AMOUNTS = dict.fromkeys((*STEPS, *BESIDE), Decimal(0))


def test_the_bridge_takes_off_what_is_no_revenue_and_adds_what_is_shared_with_its_sign():
    amounts = {**AMOUNTS, "raw_amount": Decimal(100), "shared_amount": Decimal(-7), "charge_amount": Decimal(5)}
    amounts |= {"bad_debt_amount": Decimal(-2), "later_amount": Decimal(10), "net_amount": Decimal(80)}
    assert list_steps(amounts) == [
        ("raw total of the lines", 100),
        ("discounts, refunds and tax of whole orders; conversion", -7),
        ("bad debt", 2),
        ("charges on lines of their own", -5),
        ("after as_of", -10),
        ("net revenue", 80),
    ]
    told = SourceMoney("till", 9, 1, Decimal("12.5"), amounts)
    assert told.describe() == (
        "raw total of the lines 100.00; discounts, refunds and tax of whole orders; conversion -7.00; bad debt +2.00; "
        "charges on lines of their own -5.00; after as_of -10.00; leaves net revenue 80.00"
    )
    assert told.describe_loss() == (
        "1 of 10 order lines (10.0%) are set aside as bad; those whose amount can be read come to 12.50"
    )
    assert SourceMoney("till", 9, 0, Decimal(0), amounts).describe_loss() is None


def ledger_of(*lines: Row) -> Row:
    """The one row of the ledger of lines of a day, and of the same lines as they were staged."""
    staged = [
        {**one, "quarantine_reason": None, "unit_price": one["line_gross_amount"], "line_number": None}
        for one in numbered(*lines)
    ]
    tables = {"silver.order_lines": numbered(*lines), "staging.stg_order_lines": staged}
    (found,) = build_all(["measures.batch_ledger", "ledger"], tables)["ledger"]
    return found


def test_the_ledger_adds_up_to_the_raw_total_with_each_kind_in_one_amount():
    kinds = {"discount": -10, "return": -20, "free": 0, "adjustment": 3, "bad_debt": -4, "charge": 5, "gift_card": 6}
    kinds |= {"invalid": 7, "not_completed": 8, "test": 9}
    lines = [line(kind, "2024-03-01", "ann", amount, kind) for kind, amount in kinds.items()]
    found = ledger_of(line("s", "2024-03-01", "ann", 90, discount=10), *lines)
    assert {name: found[f"{name}_amount"] for name in ("gross", "discount", "refund")} == {
        "gross": 100,
        "discount": -20,
        "refund": -20,
    }
    assert {name: found[f"{name}_amount"] for name in kinds if name not in ("discount", "return")} == {
        name: amount for name, amount in kinds.items() if name not in ("discount", "return")
    }
    assert (found["raw_amount"], found["shared_amount"]) == (94, 0)
    assert (found["line_count"], found["raw_line_count"]) == (11, 11)


@pytest.mark.parametrize(
    ("amount", "by", "ratio"),
    [
        ("10", 3, "3.3333"),
        ("20", 3, "6.6667"),
        ("0.0001", 2, "0.0001"),
        ("-0.0001", 2, "-0.0001"),
        ("0.0003", 2, "0.0002"),
        ("-20", 3, "-6.6667"),
        ("0", 3, "0"),
        ("10", 0, None),
        ("123456789012345.6789", 7, "17636684144620.8113"),
    ],
)
def test_a_ratio_of_money_is_rounded_half_away_from_zero_to_four_places(amount, by, ratio):

    with duckdb.connect() as engine:
        for name in ("money_ratio", "default__money_ratio"):
            sql = shipped_macros()[name](f"cast({amount} as decimal(38, 4))", f"cast({by} as bigint)", "1")
            found = engine.execute(f"select {sql}").fetchall()[0][0]
            assert found == (None if ratio is None else Decimal(ratio)), name


def test_lines_after_as_of_are_in_the_ledger_and_in_no_day():
    lines = [line("1", "2024-03-01", "ann"), line("2", "2024-03-02", "ann")]
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds("2024-03-01")}
    assert [row["order_date"] for row in build("day_lines", tables)] == [dt.date(2024, 3, 1)]
