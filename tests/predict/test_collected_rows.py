"""What a run reads out of its engine: cells of equal customers and samples of a stated size, never all customers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from patron.engines import open_warehouse
from patron.engines.duckdb import DuckDBWarehouse
from patron.pipeline.run import run
from patron.predict.clv import covariate_effects, trend
from patron.predict.evaluation import top_customers
from patron.predict.regression import spenders
from patron.project.project import Project
from patron.simulate import ShopSpec, write_shop
from shops.building import write_project

SPEC = ShopSpec(customers=400, start=dt.date(2024, 1, 1), days=300, seed=3, lines_per_order=1.2, refund_rate=0.05)
COPIES = 10
"""Of each customer, with equal orders: so there are a tenth as many cells as customers."""

SAMPLE = 1_000
COLUMNS = "order_id line_number ordered_at customer_id product_id product_name quantity unit_price country"


def copied(folder: Path) -> Path:
    """A shop in which ten customers each have done the same."""
    settings = {
        "shop": {"name": "Copies", "currency": "GBP", "timezone": "UTC"},
        "clv": {"gross_margin": 0.4},
        "predictions": {"churn": {"most_rows": SAMPLE, "most_drivers": 300}, "clusters": {"sample_customers": SAMPLE}},
        "sources": {
            "till": {
                "files": "all.parquet",
                "entities": {"order_lines": {"columns": {name: name for name in COLUMNS.split()}}},
            }
        },
    }
    write_project(folder, settings, {})
    (folder / "data").mkdir(exist_ok=True)
    write_shop(SPEC, folder / "once", "parquet")
    lines = pa.concat_tables([pq.read_table(file) for file in sorted((folder / "once").glob("lines-*"))])
    pq.write_table(
        pa.concat_tables([_copy(lines, number) for number in range(COPIES)]), folder / "data" / "all.parquet"
    )
    return folder


def _copy(lines: pa.Table, number: int) -> pa.Table:
    for name in ("customer_id", "order_id"):
        other = pc.binary_join_element_wise(lines[name].cast(pa.string()), f"c{number}", "-")
        lines = lines.set_column(lines.column_names.index(name), name, other)
    return lines


@pytest.fixture
def collected(monkeypatch) -> dict[str, int]:
    """Statement -> the rows of it that this process held at once."""
    found: dict[str, int] = {}
    query = DuckDBWarehouse.query

    def spy(warehouse: DuckDBWarehouse, sql: str) -> pa.Table:
        rows = query(warehouse, sql)
        found[sql] = max(found.get(sql, 0), rows.num_rows)
        return rows

    monkeypatch.setattr(DuckDBWarehouse, "query", spy)
    return found


def test_no_statement_of_a_run_returns_all_customers(tmp_path: Path, monkeypatch, collected: dict[str, int]) -> None:
    for module in (covariate_effects, trend):
        monkeypatch.setattr(module, "MOST_BUYERS", SAMPLE)
    for module in (spenders, top_customers):
        monkeypatch.setattr(module, "MOST", SAMPLE)
    project = Project.load(copied(tmp_path))
    report = run(project)
    assert [outcome.withheld for outcome in report.predictions] == [[], [], []]
    held = dict(collected)
    counts = "select count(*) as n from gold.customer_churn union all select count(*) from predictions.purchase_cells"
    customers, cells = open_warehouse(project).query(counts)["n"].to_pylist()
    assert customers == SPEC.customers * COPIES
    assert cells <= SPEC.customers
    assert any("predictions.purchase_cells" in sql for sql in held)
    too_many = {sql: rows for sql, rows in held.items() if rows > customers / 2}
    assert too_many == {}
