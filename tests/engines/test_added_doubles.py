"""No table hangs on the order in which rows are added up: incremental equals full to the last digit."""

from __future__ import annotations

import duckdb
import pytest

from engines.added_doubles import added_doubles


@pytest.mark.parametrize("shop", ["customer360", "food_delivery", "instacart"])
def test_no_model_adds_doubles(example, shop):
    folder = example(shop).folder / ".patron"
    models = sorted((folder / "dbt" / "compiled" / "models").rglob("*.sql"))
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        found = {model.stem: added_doubles(warehouse, model.read_text(encoding="utf-8")) for model in models}
    assert len(found) > 100
    assert not {model: names for model, names in found.items() if names}


@pytest.mark.parametrize(
    ("select", "names"),
    [
        ("select sum(x::double) from numbers", ["sum"]),
        ("with a as (select avg(y) as y from numbers group by x) select y from a", ["avg"]),
        ("select sum(y) over (order by x) from numbers", ["sum"]),
        ("select sum(x), sum(x::decimal(18, 4)), max(y), count(y) from numbers", []),
    ],
)
def test_added_doubles_are_seen(select, names):
    with duckdb.connect() as connection:
        connection.execute("create table numbers (x integer, y double)")
        assert added_doubles(connection, select) == names


def test_a_select_that_cannot_be_planned_is_an_error():
    with duckdb.connect() as connection, pytest.raises(ValueError, match="nowhere"):
        added_doubles(connection, "select * from nowhere")
