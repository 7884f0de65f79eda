"""A learner of amounts that are often zero: what was planted, its score by hand, and shops where it is and is not better."""

from __future__ import annotations

import datetime as dt
import json
from math import log

import numpy as np
import pyarrow as pa
import pytest
import sqlglot
from benchmarks.forecasts.measures import Measures
from benchmarks.forecasts.shops import KINDS, simulate

from patron.engines import engine
from patron.predict import MBGNBD, GammaGamma
from patron.predict.evaluation.evaluate import evaluate
from patron.predict.evaluation.recalibration import Recalibration
from patron.predict.regression import spenders as spending
from patron.predict.regression.past import DAYS, Past
from patron.predict.regression.poisson import PoissonRegression
from patron.predict.regression.spend_contest import SUFFIX
from patron.predict.regression.spenders import Spenders, query_spenders
from patron.predict.regression.tables import AMOUNTS, FACTORS, write_amounts, write_factors
from patron.predict.regression.windows import query_cells
from patron.predict.regression.zero_inflated import (
    Amounts,
    Expectation,
    ZeroInflatedLognormal,
    compute_crps,
    fit_zero_inflated,
)
from patron.project.settings.predictions import Evaluation

DAY = dt.date(2024, 6, 1)
OF = {kind.name: kind for kind in KINDS}


def draw(seed: int, customers: int = 8_000) -> tuple[Spenders, Expectation, np.ndarray, np.ndarray]:
    """Draw customers who spend at odds of the square root of what is expected, on what they lately spent."""
    rng = np.random.default_rng(seed)
    expected, age = rng.gamma(1.0, 1.0, customers), rng.uniform(30, 700, customers)
    lately = np.exp(rng.normal(3, 1, customers))
    chance = np.sqrt(expected) / (1 + np.sqrt(expected))
    expectation = Expectation(expected, 1 - np.exp(-expected), np.full(customers, 50.0))
    location = expectation.usual + 0.4 * (np.log1p(lately) - 3)
    amount = np.where(rng.random(customers) < chance, np.exp(rng.normal(location, 0.7)), 0.0)
    facts = (np.ones(customers), age / 2, age, rng.poisson(expected) * 1.0, lately * 3, lately, amount)
    return Spenders(DAY, 90, *facts), expectation, chance, location


def test_what_was_planted_is_found() -> None:
    learner = fit_zero_inflated([draw(1)[:2], draw(2)[:2]])
    assert learner is not None
    spenders, expectation, chance, location = draw(3)
    found = learner.predict(spenders, expectation)
    assert np.abs(found.chance - chance).mean() < 0.015
    assert np.abs(found.location - location).mean() < 0.05
    assert found.sigma == pytest.approx(0.7, abs=0.02)
    assert found.mean.sum() == pytest.approx(spenders.amount.sum(), rel=0.04)


def test_quantiles_have_the_share_of_zeros_and_the_mean() -> None:
    amounts = Amounts(np.array([0.3, 1.0]), np.array([2.0, 2.0]), 0.5)
    listed = amounts.list_quantiles()
    assert (listed[0] == 0).sum() == 70 and (listed[1] > 0).all()
    assert (np.diff(listed, axis=1) >= 0).all()
    assert listed.mean(axis=1) == pytest.approx(amounts.mean, rel=0.03)
    assert amounts.scale(3).mean == pytest.approx(3 * amounts.mean)
    assert amounts.spread(1.2).sigma == pytest.approx(1.3)


@pytest.mark.parametrize("is_drawn", [False, True])
def test_the_score_is_that_of_the_definition(is_drawn: bool) -> None:
    rng = np.random.default_rng(4)
    draws, actual = np.sort(rng.gamma(1, 5, (6, 30)), axis=1), rng.gamma(1, 5, 6)
    for own, came, found in zip(draws, actual, compute_crps(draws, actual, is_drawn=is_drawn), strict=True):
        apart = sum(abs(one - other) for one in own for other in own) / (30 * 29 if is_drawn else 900)
        assert found == pytest.approx(sum(abs(one - came) for one in own) / 30 - apart / 2)


def test_few_draws_score_as_many_do() -> None:
    rng = np.random.default_rng(5)
    actual = rng.gamma(1, 5, 20_000)
    few, many = (
        compute_crps(np.sort(rng.gamma(1, 5, (20_000, count)), axis=1), actual, is_drawn=True).mean()
        for count in (5, 200)
    )
    assert few == pytest.approx(many, rel=0.02)


def test_it_is_stored_and_read_back() -> None:
    spenders, expectation, *_ = draw(5, 500)
    learner = fit_zero_inflated([(spenders, expectation)])
    assert learner is not None
    again = ZeroInflatedLognormal.from_dict(json.loads(json.dumps(learner.to_dict())))
    assert (again.predict(spenders, expectation).mean == learner.predict(spenders, expectation).mean).all()


def test_nothing_is_learned_where_nobody_or_everybody_spent() -> None:
    spenders, expectation, *_ = draw(6, 200)
    for amount in (0.0, 5.0):
        assert (
            fit_zero_inflated([(Spenders(**{**vars(spenders), "amount": np.full(200, amount)}), expectation)]) is None
        )
    assert fit_zero_inflated([]) is None


def test_customers_and_their_amounts_by_hand() -> None:
    bought = [
        ("a", -100, 7.0),
        ("a", -20, 10.0),
        ("a", 0, 5.0),
        ("a", 1, 3.0),
        ("a", 90, 4.0),
        ("b", -90, 2.0),
        ("b", 91, 9.0),
    ]
    who, numbers, amounts = zip(*bought, strict=True)
    dates = [DAY + dt.timedelta(days=number) for number in numbers]
    shop = Measures(pa.table({"customer_id": who, "activity_date": dates, "net_amount": amounts}))
    found = query_spenders(Past(shop, DAYS, [], 90, 2), DAY)  # type: ignore[arg-type]
    rows = sorted(zip(*(getattr(found, name).tolist() for name in spending._COLUMNS), strict=True))
    assert rows == [(0, 0, 90, 0, 2, 0, 0), (2, 100, 100, 2, 22, 15, 7)]


def test_large_shops_are_learned_from_on_a_sample() -> None:
    bought = {
        "customer_id": [f"c{number}" for number in range(400)],
        "activity_date": [DAY] * 400,
        "net_amount": [1.0] * 400,
    }
    shop = Measures(pa.table(bought))
    half = query_spenders(Past(shop, DAYS, [], 90, 2.0 * spending.MOST), DAY)  # type: ignore[arg-type]
    assert 160 < len(half.amount) < 240


@pytest.mark.parametrize("dialect", ["spark", "databricks", "bigquery", "snowflake"])
def test_queries_are_sql_of_other_engines(dialect: str) -> None:
    engine = type("Engine", (), {"dialect": dialect})()
    filled = spending.fill_window(engine, spending._write("g", "known.customer_id", DAYS), DAY, 90)
    sqlglot.parse_one(filled, read=dialect)


@pytest.mark.parametrize(("kind", "is_won"), [("contracts", True), ("as assumed", False)])
def test_it_is_used_where_silence_tells_who_has_left_and_not_where_the_models_are_true(kind: str, is_won: bool) -> None:
    found = evaluate(Measures(simulate(OF[kind], 0)), Evaluation(), requested="MBG/NBD")  # type: ignore[arg-type]
    assert found.spend.is_won == is_won
    rows = [row for row in found.scores.to_pylist() if row["model"] == "MBG/NBD" + SUFFIX]
    assert len({row["origin_date"] for row in rows}) == 3
    differences = [row["value"] for row in rows if row["measure"] == "amount_crps_difference"]
    assert (np.mean(differences) < -0.01) == is_won


class Warehouse(Measures):
    """Measures that can be written to."""

    write_each = engine.Warehouse.write_each

    def __init__(self, purchases: pa.Table) -> None:
        super().__init__(purchases)
        self.written: dict[tuple[str, str], pa.Table] = {}

    def batches(self, sql: str, rows: int):
        table = self.query(sql)
        yield from (table.slice(start, 700) for start in range(0, table.num_rows, 700))

    def write(self, schema: str, name: str, rows: pa.Table) -> None:
        self.written[schema, name] = rows

    def append(self, schema: str, name: str, rows: pa.Table) -> None:
        self.written[schema, name] = pa.concat_tables([self.written[schema, name], rows])


def test_every_buyer_is_written_and_the_totals_are_the_models() -> None:
    shop, as_of = Warehouse(simulate(OF["as assumed"], 0)), dt.date(2025, 3, 30)
    model = MBGNBD.from_params({"r": 1.0, "alpha": 8.0, "a": 1.0, "b": 3.0})
    spend = GammaGamma.from_params({"p": 3.0, "q": 4.0, "gamma": 120.0})
    correction = Recalibration(log(1.2), 0.1, 0.1)
    cells = query_cells(shop, as_of, 90)  # type: ignore[arg-type]
    expected = model.expected_purchases(90 / 7, *cells.past)
    regression = PoissonRegression([0.0] * 7, [1.0] * 7, [-9.0] * 7, [9.0] * 7, [0, 0, 0, 0, 0, 0.5, 0])
    write_factors(shop, regression, model, correction, as_of, 90)  # type: ignore[arg-type]
    factors = shop.written[FACTORS].to_pydict()
    assert len(set(factors["customer_id"])) == len(factors["customer_id"]) == cells.customers.sum()
    published = expected * correction.compute_factors(expected, cells.customers)
    by_customer = dict(zip(factors["customer_id"], factors["purchase_factor"], strict=True))
    assert 1.2 * cells.total(expected) == pytest.approx(
        total(shop, model, correction, cells, by_customer, as_of), rel=1e-9
    )
    assert cells.total(published) == pytest.approx(1.2 * cells.total(expected), rel=0.001)
    sample = query_spenders(Past(shop, DAYS, [], 90, 1), as_of)  # type: ignore[arg-type]
    worth = spend.expected_spend(
        sample.repeat_count + 1, np.maximum(sample.past_amount, 1e-9) / (sample.repeat_count + 1)
    )
    learner = ZeroInflatedLognormal(np.zeros(9), np.ones(9), np.array([-1.0] + [0.0] * 9), np.zeros(10), 0.8)
    write_amounts(shop, learner, model, spend, correction, as_of, 1)  # type: ignore[arg-type]
    amounts = shop.written[AMOUNTS]
    assert amounts.num_rows == len(sample.amount)
    in_all = model.expected_purchases(90 / 7, *sample.past) @ worth * 1.2
    assert sum(amounts["expected_amount_90d"].to_pylist()) == pytest.approx(in_all, rel=1e-9)


def total(shop, model, correction, cells, by_customer, as_of) -> float:
    """Add up every customer's published expectation x their factor, a customer at a time."""
    rows = shop.query(
        f"select customer_id, count(*) - 1 as x, date_diff('day', min(activity_date), max(activity_date)) as last, "
        f"date_diff('day', min(activity_date), date '{as_of}') as age from measures.customer_days group by all"
    ).to_pydict()
    past = (np.array(rows["x"], float), np.array(rows["last"]) / 7, np.array(rows["age"]) / 7)
    own, everybody = (model.expected_purchases(90 / 7, *facts) for facts in (past, cells.past))
    published = own * correction.compute_factors(everybody, cells.customers, of=own)
    return float(published @ np.array([by_customer[str(who)] for who in rows["customer_id"]]))
