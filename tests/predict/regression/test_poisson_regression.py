"""A Poisson regression on a purchase model's expectations: what was planted, and customers counted by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pytest
import sqlglot
from benchmarks.forecasts.measures import Measures

from patron.predict.regression import past
from patron.predict.regression import windows as learned
from patron.predict.regression.past import read_learned_days
from patron.predict.regression.poisson import PoissonRegression, compute_evenness, fit_poisson
from patron.predict.regression.windows import WindowCells, query_cells, to_cells

DAY = dt.date(2024, 6, 1)


def draw(
    seed: int, *, power: float = 0.0, level: float = 1.0, customers: int = 6_000
) -> tuple[WindowCells, np.ndarray]:
    """Draw customers whose purchases are the model's x level x (1 + purchases of the last third)^power."""
    rng = np.random.default_rng(seed)
    expected = rng.gamma(1.0, 1.0, customers)
    near = rng.poisson(expected / 3).astype(float)
    age = rng.integers(30, 700, customers).astype(float)
    factors = (1 + near) ** power
    mean = level * expected * factors * (expected.sum() / (expected * factors).sum())
    late = near + rng.poisson(expected)
    facts = (late + 1, rng.uniform(0, age), age, near, late)
    return WindowCells(DAY, 90, *facts, bought=rng.poisson(mean).astype(float), customers=np.ones(customers)), expected


def even(regression: PoissonRegression, cells: WindowCells, expected: np.ndarray) -> np.ndarray:
    factors = regression.compute_factors(cells, expected)
    return factors * compute_evenness(factors, expected, cells.customers)


def test_what_latest_purchases_tell_is_found_whatever_the_level_of_windows() -> None:
    regression = fit_poisson([draw(1, power=0.6, level=0.4), draw(2, power=0.6, level=2.5)])
    assert regression is not None
    cells, expected = draw(3, power=0.6)
    truth = (1 + cells.near_count) ** 0.6
    truth *= expected.sum() / (expected * truth).sum()
    found = even(regression, cells, expected)
    assert (expected * found).sum() == pytest.approx(expected.sum())
    assert np.sqrt(np.average((found / truth - 1) ** 2, weights=expected)) < 0.08
    assert np.sqrt(np.average((1 / truth - 1) ** 2, weights=expected)) > 0.25  # of the model alone


def test_where_the_model_is_right_nothing_changes_though_busy_windows_brought_more() -> None:
    """A window after a busy one had more purchases of everybody: its level, and nothing that tells customers apart."""
    quiet, busy = draw(4, level=0.4), draw(5, level=2.5)
    busy[0].near_count[:] += 2
    busy[0].late_count[:] += 2
    regression = fit_poisson([quiet, busy])
    assert regression is not None
    cells, expected = draw(6)
    assert np.sqrt(np.average((even(regression, cells, expected) - 1) ** 2, weights=expected)) < 0.06


def test_a_cell_of_many_customers_counts_as_so_many() -> None:
    cells, expected = draw(7, power=0.5, customers=800)
    times = np.random.default_rng(8).integers(1, 5, 800)
    facts = ("repeat_count", "recency_days", "age_days", "near_count", "late_count", "bought")
    grouped = WindowCells(DAY, 90, *(getattr(cells, name) for name in facts), customers=times.astype(float))
    single = WindowCells(
        DAY, 90, *(np.repeat(getattr(cells, name), times) for name in facts), customers=np.ones(times.sum())
    )
    found = fit_poisson([(grouped, expected)]), fit_poisson([(single, np.repeat(expected, times))])
    assert found[0] is not None and found[1] is not None
    assert found[0].coefficients == pytest.approx(found[1].coefficients, abs=1e-9)


def test_the_likelihood_is_at_its_maximum() -> None:
    """In plain Python: no coefficient can be moved to a higher penalised likelihood."""
    cells, expected = draw(9, power=0.5, customers=500)
    regression = fit_poisson([(cells, expected)])
    assert regression is not None
    logs = [
        np.log(expected),
        *(np.log1p(one) for one in (cells.repeat_count, cells.age_days - cells.recency_days, cells.age_days)),
    ]
    logs += [logs[1] * logs[2], np.log1p(cells.near_count), np.log1p(cells.late_count)]
    terms = np.column_stack([np.clip((one - one.mean()) / one.std(), -4, 4) for one in logs])
    assert regression.means == pytest.approx([one.mean() for one in logs])

    def lose(coefficients: np.ndarray) -> float:
        mean = expected * np.exp(terms @ coefficients)
        mean *= cells.bought.sum() / mean.sum()  # the intercept, at its best for these coefficients
        return (
            float(mean.sum() - cells.bought @ np.log(mean)) / max(1.0, dispersion)
            + float((coefficients**2).sum()) / 0.08
        )

    at = np.array(regression.coefficients)
    first = expected * np.exp(terms @ at)
    dispersion = float(np.mean((cells.bought - first * cells.bought.sum() / first.sum()) ** 2 / first))
    for place in range(len(at)):
        for move in (-0.02, 0.02):
            moved = at.copy()
            moved[place] += move
            assert lose(moved) > lose(at)


def test_it_is_stored_and_read_back() -> None:
    regression = fit_poisson([draw(10, power=0.3, customers=500)])
    assert regression is not None
    assert PoissonRegression.from_dict(regression.to_dict()) == regression


def test_windows_without_a_purchase_teach_nothing() -> None:
    cells, expected = draw(11, customers=50)
    empty = WindowCells(**{**cells.__dict__, "bought": np.zeros(50)})
    assert fit_poisson([(empty, expected)]) is None
    assert fit_poisson([]) is None


def days_of(*bought: tuple[str, int]) -> Measures:
    who, numbers = zip(*bought, strict=True)
    dates = [DAY + dt.timedelta(days=number) for number in numbers]
    return Measures(pa.table({"customer_id": list(who), "activity_date": dates, "net_amount": [10.0] * len(who)}))


def test_cells_are_the_customers_by_hand() -> None:
    shop = days_of(
        ("a", -100), ("a", -90), ("a", -89), ("a", -29), ("a", 0), ("a", 1), ("a", 90), ("b", -30), ("b", 91)
    )
    found = query_cells(shop, DAY, 90)  # type: ignore[arg-type]
    assert found.repeat_count.tolist() == [0, 4]
    assert found.recency_days.tolist() == [0, 100]
    assert found.age_days.tolist() == [30, 100]
    assert found.near_count.tolist() == [0, 2]  # of 30 days: the day 29 days ago, and the origin itself
    assert found.late_count.tolist() == [1, 3]  # of 90 days
    assert found.bought.tolist() == [0, 2]
    assert found.customers.tolist() == [1, 1]


def test_an_order_refunded_in_full_is_no_purchase_once_it_is_known() -> None:
    shop = days_of(("a", -50), ("a", -10), ("a", 5), ("b", -50))
    refunded = f"update measures.customer_days set fully_refunded_date = date '{DAY}' + %s where activity_date = date '{DAY}' + %s"
    shop.engine.execute(refunded % (20, -10))
    assert query_cells(shop, DAY, 90).near_count.tolist() == [0, 1]  # type: ignore[arg-type]  # nobody knew yet
    shop.engine.execute(refunded % (0, -10))
    assert query_cells(shop, DAY, 90).near_count.tolist() == [0, 0]  # type: ignore[arg-type]
    shop.engine.execute(refunded % (30, 5))
    assert query_cells(shop, DAY, 90).bought.tolist() == [0]  # type: ignore[arg-type]


def test_later_rows_change_nothing_that_was_known() -> None:
    shop = days_of(("a", -50), ("a", -10), ("b", -5))
    before = query_cells(shop, DAY, 90)  # type: ignore[arg-type]
    shop.engine.execute(
        f"insert into measures.customer_days by name select 'c' as customer_id, date '{DAY}' + 1 as activity_date, 1 as sale_line_count"
    )
    shop.engine.execute(
        f"insert into measures.customer_days by name select 'a' as customer_id, date '{DAY}' + 2 as activity_date, 1 as sale_line_count"
    )
    after = query_cells(shop, DAY, 90)  # type: ignore[arg-type]
    for name in ("repeat_count", "recency_days", "age_days", "near_count", "late_count", "customers"):
        assert getattr(after, name).tolist() == getattr(before, name).tolist()


def test_single_customers_have_the_facts_of_their_cell() -> None:
    shop = days_of(("a", -50), ("a", -10), ("b", -50), ("b", -10), ("c", -5))
    single = to_cells(learned.query_window(shop, learned._CUSTOMERS, DAY, 90), DAY, 90)  # type: ignore[arg-type]
    cells = query_cells(shop, DAY, 90)  # type: ignore[arg-type]
    for name in learned.FACTS:
        assert sorted(getattr(single, name)) == sorted(np.repeat(getattr(cells, name), cells.customers.astype(int)))


def test_large_shops_are_learned_from_on_a_sample(monkeypatch) -> None:
    shop = days_of(*((f"c{number}", -10) for number in range(400)))
    requested: list[str] = []

    @contextmanager
    def create_temporary(name: str, sql: str) -> Iterator[str]:
        requested.append(name)
        shop.engine.execute(f"create temp table {name} as {sql}")
        yield name

    shop.create_temporary = create_temporary  # type: ignore[attr-defined]
    monkeypatch.setattr(past, "MOST_CUSTOMERS", 100)
    with read_learned_days(shop, 400) as days:  # type: ignore[arg-type]
        assert 60 < query_cells(shop, DAY, 90, days).customers.sum() < 140  # type: ignore[arg-type]
    with read_learned_days(shop, 100) as days:  # type: ignore[arg-type]
        assert query_cells(shop, DAY, 90, days).customers.sum() == 400  # type: ignore[arg-type]
    assert len(requested) == 1


@pytest.mark.parametrize("dialect", ["spark", "databricks", "bigquery", "snowflake"])
def test_queries_are_sql_of_other_engines(dialect: str) -> None:
    requested: list[str] = []

    class Engine:
        def query(self, sql: str) -> pa.Table:
            requested.append(sql)
            return pa.table({})

    engine = Engine()
    engine.dialect = dialect  # type: ignore[attr-defined]
    for sql in (learned._CELLS, learned._CUSTOMERS):
        learned.query_window(engine, sql, DAY, 90)  # type: ignore[arg-type]
    assert len(requested) == 2
    for sql in requested:
        sqlglot.parse_one(sql, read=dialect)
