"""Files that change their shape over time: new columns, vanished ones, wider types. Gold stays right, bronze one table."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faults.projects import COLUMNS, GOOD, HEADER, gold, patron, problems, row, settings, source, write
from patron.contract.entities import load_entities
from patron.engines.sql_text import to_sql
from patron.lake import Lake
from patron.project.mapping.expressions import Expression
from patron.project.mapping.mappings import ColumnMapping
from patron.project.project import Project
from patron.transform.render.type_casts import SourceShape, convert

LATER = "4,2024-03-04 12:00:00,c2,p1,Mug,3,5.00\n"


def bronze(folder: Path) -> list[dict[str, Any]]:
    """What two readers of Delta tables and plain Parquet make of bronze; they must agree."""
    table = Lake(Project.load(folder).lake).table("receipts")
    files = [str(path) for path in table.files()]
    sql = "select * from read_parquet($files, union_by_name = true) order by _row_key"
    by_duckdb = duckdb.execute(sql, {"files": files}).to_arrow_table().to_pylist()
    by_delta = deltalake.DeltaTable(table.path).to_pyarrow_table().sort_by("_row_key").to_pylist()
    assert by_duckdb == by_delta
    return by_duckdb


def run(folder: Path) -> Any:
    """A run that ends well, as its JSON says."""
    outcome = patron("run", "--json", folder=folder)
    assert outcome.code == 0, outcome.err
    assert problems(folder) == []
    return outcome.json


def bring(folder: Path, files: dict[str, str | bytes]) -> None:
    """More files for a project that is there."""
    for name, content in files.items():
        (folder / "data" / name).write_bytes(content.encode() if isinstance(content, str) else content)


def spent(folder: Path) -> dict[str, Decimal]:
    """Customer -> what they spent, by the published tables."""
    out = patron("query", "select customer_id, net_amount from customer_360", "--csv", folder=folder).out
    return {name: Decimal(amount) for name, amount in (line.split(",") for line in out.split()[1:])}


def optional(*names: str) -> dict[str, Any]:
    return {name: {"expression": name, "optional": True} for name in names}


# New columns


def test_a_new_column_is_kept_and_announced_once(tmp_path):
    folder = write(tmp_path)
    run(folder)
    bring(folder, {"later.csv": HEADER.strip() + ",colour\n" + LATER.strip() + ",red\n"})
    shown = patron("run", folder=folder)
    assert "receipts: later.csv: the column 'colour' is new" in shown.out
    assert [line["colour"] for line in bronze(folder)] == [None] * 5 + ["red"]
    bring(folder, {"last.csv": HEADER.strip() + ",colour\n" + row().strip() + ",blue\n"})
    assert run(folder)["warnings"] == []


def test_a_new_column_among_the_files_of_one_landing_is_announced(tmp_path):
    later = HEADER.strip() + ",colour\n" + LATER.strip() + ",red\n"
    folder = write(tmp_path, {"1.csv": GOOD, "2.csv": later, "3.csv": later.replace(",red", ",blue")})
    (warning,) = run(folder)["warnings"]
    assert warning.startswith("receipts: 2.csv: the column 'colour' is new")


# Vanished columns

LACKING = "order_id,ordered_at,customer_id,product_id,quantity,unit_price\n4,2024-03-04 12:00:00,c2,p1,3,5.00\n"


def test_a_vanished_column_stops_the_run_and_says_how_to_allow_it(tmp_path):
    folder = write(tmp_path)
    run(folder)
    before = gold(folder), bronze(folder)
    bring(folder, {"later.csv": LACKING})
    stopped = patron("run", folder=folder)
    assert stopped.code == 3
    assert "no column 'product_name'" in stopped.err
    assert "later.csv" in stopped.err
    assert "optional: true" in stopped.err
    assert (gold(folder), bronze(folder)) == before


def test_a_column_that_may_be_missing_is_null_there(tmp_path):
    folder = write(tmp_path, yaml=settings(sources={"receipts": source(columns=optional("product_name"))}))
    assert run(folder)["warnings"] == []
    bring(folder, {"later.csv": LACKING, "latest.csv": LACKING.replace("\n4,", "\n5,")})
    warning = "receipts: later.csv and 1 more files have no column 'product_name' (optional); it is NULL there"
    assert run(folder)["warnings"] == [warning]
    assert [line["product_name"] for line in bronze(folder)][-2:] == [None, None]
    assert spent(folder) == {"c1": Decimal("12.50"), "c2": Decimal(35)}


def test_columns_that_never_came_are_null_or_the_contracts_default(tmp_path):
    columns = {
        **{name: name for name in COLUMNS if name != "product_name"},
        **optional("product_name", "line_discount_amount", "line_cost_amount"),
        "store_id": {"expression": "upper(shop) || '-' || till", "optional": True},
    }
    del columns["line_cost_amount"]
    lines = {"order_lines": {"columns": columns}}
    folder = write(tmp_path, {"a.csv": LACKING}, settings(sources={"receipts": {"files": "*", "entities": lines}}))
    warnings = run(folder)["warnings"]
    assert sorted(
        word for warning in warnings for word in ("product_name", "shop", "till") if f"'{word}'" in warning
    ) == [*("product_name", "shop", "till")]
    with duckdb.connect(str(folder / ".patron" / "warehouse.duckdb"), read_only=True) as connection:
        sql = "select product_name, line_discount_amount, store_id, line_amount from silver.order_lines"
        assert connection.execute(sql).fetchall() == [(None, Decimal(0), None, Decimal(15))]


@pytest.mark.soak
def test_a_source_that_only_later_has_the_optional_column(tmp_path):
    folder = write(
        tmp_path, {"a.csv": LACKING}, settings(sources={"receipts": source(columns=optional("product_name"))})
    )
    run(folder)
    bring(folder, {"b.csv": HEADER + row()})
    run(folder)
    assert [line["product_name"] for line in bronze(folder)] == [None, "Mug"]


def test_the_contract_says_what_cannot_be_optional(tmp_path):
    folder = write(tmp_path, yaml=settings(sources={"receipts": source(columns=optional("quantity"))}))
    refused = patron("run", folder=folder)
    assert refused.code == 2
    assert "order_lines needs quantity" in refused.err
    assert "columns.quantity.optional" in refused.err
    assert "line " in refused.err
    assert not (folder / ".patron" / "lake").exists()


@pytest.mark.parametrize("word", ["yes please", 1, None])
def test_optional_is_true_or_false(tmp_path, word):
    columns = {"product_name": {"expression": "product_name", "optional": word}}
    refused = patron("run", folder=write(tmp_path, yaml=settings(sources={"receipts": source(columns=columns)})))
    assert refused.code == 2
    assert "neither true nor false" in refused.err


# Wider types

AT = dt.datetime(2024, 1, 5)
DAYS = pa.array([AT.date(), AT.date()]), pa.array([AT.replace(hour=9), AT.replace(hour=10)], pa.timestamp("us"))
PRICES = (
    pa.array([Decimal("1.50"), Decimal("2.25")], pa.decimal128(10, 2)),
    pa.array([Decimal("3.1234"), Decimal("4.20")], pa.decimal128(12, 4)),
)


def parquet(order: int, **changed: pa.Array) -> bytes:
    """Two receipts of customer 17850, with some columns as given."""
    columns = {
        "order_id": pa.array([f"{order}", f"{order + 1}"]),
        "ordered_at": pa.array([AT, AT], pa.timestamp("us")),
        "customer_id": pa.array([17850, 17850]),
        "product_id": pa.array(["p1", "p1"]),
        "product_name": pa.array(["Mug", "Mug"]),
        "quantity": pa.array([1, 1]),
        "unit_price": pa.array([Decimal(2), Decimal(2)], pa.decimal128(6, 2)),
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns | changed), out)
    return out.getvalue()


PARQUET = settings(sources={"receipts": source("*.parquet")})


def values(folder: Path, name: str) -> list[Any]:
    return [line[name] for line in bronze(folder)]


@pytest.mark.parametrize(
    "backwards", [pytest.param(False, marks=pytest.mark.soak), True], ids=["widening", "narrowing"]
)
def test_wider_types_give_the_same_gold_whichever_came_first(tmp_path, backwards):
    """Three columns at once, a file at a time and all together."""
    narrow = parquet(1, quantity=pa.array([1, 2]), unit_price=PRICES[0], ordered_at=DAYS[0])
    wide = parquet(3, quantity=pa.array([3.0, 4.5]), unit_price=PRICES[1], ordered_at=DAYS[1])
    first, second = (wide, narrow) if backwards else (narrow, wide)
    apart = write(tmp_path / "apart", {"1.parquet": first}, PARQUET)
    assert patron("run", folder=apart).code == 0
    bring(apart, {"2.parquet": second})
    run(apart)
    at_once = write(tmp_path / "at_once", {"1.parquet": first, "2.parquet": second}, PARQUET)
    assert patron("run", folder=at_once).code == 0
    assert spent(apart) == {"17850": Decimal("1.5") + 2 * Decimal("2.25") + 3 * Decimal("3.1234") + Decimal("18.9")}
    assert gold(apart) == gold(at_once)


def test_types_that_do_not_go_together_stop_before_anything_lands(tmp_path):
    folder = write(tmp_path, {"1.parquet": parquet(1, extra=pa.array([1, 2]))}, PARQUET)
    run(folder)
    before = gold(folder), bronze(folder)
    bring(folder, {"2.parquet": parquet(3, extra=pa.array(["3", "4"]))})
    stopped = patron("run", folder=folder)
    assert stopped.code == 3, stopped.err
    assert "column 'extra' is string here and int64 in earlier rows" in stopped.err
    assert "2.parquet" in stopped.err
    assert (gold(folder), bronze(folder)) == before
    (folder / "data" / "2.parquet").unlink()
    assert run(folder)["rebuilt"] is False


def test_a_widened_column_is_announced(tmp_path):
    folder = write(tmp_path, {"1.parquet": parquet(1, quantity=pa.array([1, 2]))}, PARQUET)
    run(folder)
    bring(folder, {"2.parquet": parquet(3, quantity=pa.array([1.0, 2.5]))})
    warning = "receipts: 2.parquet: the column 'quantity' was int64 before and is double from now on"
    assert run(folder)["warnings"] == [warning]


def test_customers_keep_their_names_when_guests_make_their_numbers_floating_point(tmp_path):
    """As pandas writes them: a month with guests has 17850.0 and NaN where the month before had 17850."""
    folder = write(tmp_path, {"1.parquet": parquet(1, customer_id=pa.array([17850, 17850]))}, PARQUET)
    run(folder)
    assert spent(folder) == {"17850": Decimal(4)}
    bring(folder, {"2.parquet": parquet(3, customer_id=pa.array([17850.0, None]))})
    run(folder)
    assert spent(folder) == {"17850": Decimal(6)}


@pytest.mark.soak
def test_json_lines_whose_numbers_change(tmp_path):
    line = '{{"order_id": {}, "ordered_at": "2024-01-05 10:00:00", "customer_id": 1, "product_id": "p", '
    line += '"product_name": "Mug", "quantity": {}, "unit_price": {}}}\n'
    folder = write(tmp_path, {"1.jsonl": line.format(1, 2, 5)}, settings(sources={"receipts": source("*.jsonl")}))
    run(folder)
    bring(folder, {"2.jsonl": line.format(2, 1.5, "5.25")})
    run(folder)
    assert spent(folder) == {"1": Decimal("17.875")}
    assert values(folder, "unit_price") == ["5", "5.25"]


def test_a_rewritten_table_keeps_its_landings_and_settings(tmp_path):
    folder = write(tmp_path, {"1.parquet": parquet(1, quantity=pa.array([1, 2]))}, PARQUET)
    run(folder)
    table = Lake(Project.load(folder).lake).table("receipts")
    before = deltalake.DeltaTable(table.path).metadata().configuration
    bring(folder, {"2.parquet": parquet(3, quantity=pa.array([1.0, 2.5]))})
    run(folder)
    assert [(landing.origin, landing.rows) for landing in table.landings()] == [("1.parquet", 2), ("2.parquet", 2)]
    assert deltalake.DeltaTable(table.path).metadata().configuration == before
    assert table.headers()["quantity"] == "quantity"
    assert run(folder)["rebuilt"] is False
    shown = patron("run", "--full-refresh", "--json", folder=folder).json
    assert shown["rows_landed"] == 0


NUMBERS_AS_IDS = {
    "floating point": (
        pa.array([17850.0, 0.0, -3.0, 1.5, 1e14, 1e300, float("inf"), None]),
        ["17850", "0", "-3", "1.5", "100000000000000", "1e+300", "inf", None],
    ),
    "decimals": (
        pa.array([Decimal("17850.00"), Decimal("5.50"), Decimal("-3.00"), None], pa.decimal128(12, 2)),
        ["17850", "5.50", "-3", None],
    ),
    "more digits than an integer has": (
        pa.array([Decimal(2**64 - 1), Decimal(7), Decimal(10**18)], pa.decimal128(20, 0)),
        ["18446744073709551615", "7", "1000000000000000000"],
    ),
}


@pytest.mark.parametrize("kind", NUMBERS_AS_IDS)
def test_a_number_that_is_an_id_is_written_without_its_zeros(kind):
    values, expected = NUMBERS_AS_IDS[kind]
    floating = frozenset({"n"} if pa.types.is_floating(values.type) else ())
    shape = SourceShape(
        *("s", {"n": "n"}, ("n",), frozenset(), frozenset(), (), "UTC"),
        decimal_columns=frozenset({"n"}) - floating,
        floating_columns=floating,
    )
    column = load_entities()["order_lines"].columns["product_id"]
    sql = to_sql(convert(column, ColumnMapping("here", Expression.parse("n", "here")), shape).value, "duckdb")
    numbers = pa.table({"n": values, "place": range(len(values))})  # noqa: F841  # DuckDB finds it by its name
    assert [text for (text,) in duckdb.sql(f"select {sql} from numbers order by place").fetchall()] == expected
