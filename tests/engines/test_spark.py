"""One shop, two engines, the same tables: the models mean on Spark what they mean on DuckDB.

By default the models below gold whose SQL differs between the engines are built, with all that they read. The rest, which
is gold, models of the same text, data tests and publishing, takes most of Spark's time: it is soak.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import patron
from engines.conftest import Built, BuiltModels
from engines.same_tables import differences, kinds
from patron.engines import open_warehouse
from patron.engines.spark import session as spark_session
from patron.pipeline.run import run
from patron.project.project import FILE_NAME, Project
from patron.transform.fingerprint import list_gold_tables

pytestmark = pytest.mark.spark

SQL = Path(patron.__file__).parent / "transform" / "sql" / "models"
RENDERED_SILVER = ("orders", "loyalty_transactions", "visits")
"""Entities of the corner shop whose silver model is written from the contract."""

TABLES = [f"{layer}.{path.stem}" for layer in ("silver", "measures", "gold") for path in (SQL / layer).rglob("*.sql")]
TABLES += [f"silver.{entity}" for entity in RENDERED_SILVER]
TABLES += ["quarantine.row_accounting", "seeds.segments", "seeds.segment_scores", "seeds.countries"]


def both(built: Mapping[str, Built | BuiltModels], sql: str) -> tuple[pa.Table, pa.Table]:
    return built["duckdb"].warehouse.query(sql), built["spark"].warehouse.query(sql)


def test_models_whose_sql_differs_make_the_same_tables(built_where_sql_differs):
    built = built_where_sql_differs["duckdb"].tables
    assert built == built_where_sql_differs["spark"].tables
    tables = [table for table in built if table in TABLES]
    assert len(tables) > 30
    unequal = {table: differences(*both(built_where_sql_differs, f"select * from {table}")) for table in tables}
    assert {table: found for table, found in unequal.items() if found} == {}


def test_the_shop_holds_what_it_is_there_for(built_where_sql_differs):
    """Every kind of line but the free ones' own rarities, faults for quarantine, and every price behaviour but one."""
    query = built_where_sql_differs["spark"].warehouse.query
    found = {row["line_kind"] for row in query("select distinct line_kind from silver.order_lines").to_pylist()}
    kinds_of_line = "sale return discount free adjustment bad_debt charge invalid not_completed"
    assert found == set(kinds_of_line.split())
    prices = query("select distinct price_behaviour as it from gold.product_price_behaviour").to_pylist()
    assert {"normal", "zero_or_manual", "one_off_price_change", "oscillating_or_promotional"} <= {
        p["it"] for p in prices
    }
    assert query("select count(*) as n from silver.order_lines where customer_id is null").to_pylist()[0]["n"] > 3


def test_the_same_rows_are_bad_for_the_same_reasons(built_where_sql_differs):
    columns = "entity, source_name, source_file, row_key, quarantine_reason"
    one, other = both(built_where_sql_differs, f"select {columns} from quarantine.quarantined_rows")
    assert one.num_rows > 10
    assert differences(one, other) == []


def test_a_bad_row_of_text_is_kept_as_it_came(built_where_sql_differs):
    """Native types are written as each engine writes them: 2600.0 and 2600.00, with or without a T before the hour."""
    sql = "select row_key, entity, raw_row from quarantine.quarantined_rows where source_name <> 'members'"
    assert differences(*both(built_where_sql_differs, sql)) == []


@pytest.mark.soak
@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_is_the_same_on_both(built: dict[str, Built], table: str) -> None:
    assert differences(*both(built, f"select * from {table}")) == []


@pytest.mark.soak
def test_every_model_was_built_and_every_test_holds_on_both(built: dict[str, Built]) -> None:
    one, other = built["duckdb"].report, built["spark"].report
    assert one.models_built == other.models_built
    assert one.tests_passed == other.tests_passed
    assert one.snapshot and other.snapshot
    assert one.snapshot.tables == other.snapshot.tables


@pytest.mark.soak
def test_published_files_are_alike(built: dict[str, Built]) -> None:
    for table in list_gold_tables(built["spark"].project):
        one, other = (_published(built[engine], table) for engine in ("duckdb", "spark"))
        assert differences(one, other) == [], table
        assert not any("tz=" in what for _, what in kinds(other)), table


def _published(shop: Built, table: str) -> pa.Table:
    assert shop.report.snapshot
    return pq.read_table(shop.project.published / shop.report.snapshot.name / f"{table}.parquet")


@pytest.mark.soak
def test_nothing_new_builds_nothing_and_starts_no_java(built: dict[str, Built]) -> None:
    spark_session.stop()
    report = run(built["spark"].project)
    assert not report.is_new
    assert spark_session.running(built["spark"].warehouse.folder) is None  # type: ignore[attr-defined]


@pytest.mark.soak
def test_new_rows_incrementally(built: dict[str, Built]) -> None:
    """A correction that moves an order, a late line and a bad one; only what they touch is done again."""
    before = (
        built["spark"].warehouse.query("select order_id, line_number, customer_id from silver.order_lines").num_rows
    )
    for shop in built.values():
        _more_files(shop.project.root / "data")
        report = run(shop.project)
        assert (report.is_new, report.is_full_build) == (True, False)
    for table in sorted(TABLES):
        assert differences(*both(built, f"select * from {table}")) == [], table
    assert built["spark"].warehouse.query("select * from silver.order_lines").num_rows == before + 1


def _more_files(data: Path) -> None:
    web = sorted((data / "web").glob("*.csv"))[0].read_text(encoding="utf-8").splitlines()
    header, first = web[0], web[1]
    (data / "web" / "later.csv").write_text(
        f"{header}\n{first.replace(first.split(';')[3], 'moved')}\n", encoding="utf-8"
    )
    till = sorted((data / "till").glob("*.csv"))[0].read_text(encoding="utf-8").splitlines()
    late = till[1].split(",")
    late[0] = "late-1"
    bad = [*late]
    bad[till[0].split(",").index("Quantity")] = "many"
    rows = [till[0], ",".join(late), ",".join(bad)]
    (data / "till" / "late.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.soak
def test_other_scores_and_tiers_in_a_later_process(built: dict[str, Built]) -> None:
    """The session is new: tables must be found on disk, and written over where they lie."""
    spark_session.stop()
    changed = {engine: _with_other_scores(shop.project) for engine, shop in built.items()}
    for project in changed.values():
        run(
            project,
            select="customer_scores customer_clv customer_segments dim_clv_tier customer_labels fct_customer_metrics countries",
        )
    for table in ("measures.customer_scores", "gold.dim_clv_tier", "gold.customer_clv", "seeds.countries"):
        one, other = (open_warehouse(project).query(f"select * from {table}") for project in changed.values())
        assert differences(one, other) == [], table


def _with_other_scores(project: Project) -> Project:
    path = project.root / FILE_NAME
    text = path.read_text(encoding="utf-8")
    tiers = "tiers: {measure: historical_clv, by: amount, cuts: [5, 20.5], labels: [Bronze, It's silver, Gold]}"
    text = text.replace("tenure_unit: months", f"tenure_unit: months\n  {tiers}")
    path.write_text(f"{text}\nrfm: {{method: ntile}}\n", encoding="utf-8")
    return Project.load(project.root)
