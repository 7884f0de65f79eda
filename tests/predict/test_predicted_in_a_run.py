"""What a run predicts: the numbers of the models, for each customer; held against what they did later; or withheld."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.pipeline.check.check import check
from patron.predict import MBGNBD, GammaGamma
from patron.predict.evaluation.recalibration import Recalibration, correct_probability
from patron.predict.models.prediction_intervals import compute_purchase_bounds
from patron.predict.orders_file import build_settings
from patron.predict.orders_file import value as value_of
from patron.project.project import Project
from patron.simulate import ShopSpec, write_shop
from shops.building import BuiltShop, write_project

START, KNOWN_DAYS, LATER_DAYS = dt.date(2024, 1, 1), 300, 120
SPEC = ShopSpec(
    customers=3_000,
    start=START,
    days=KNOWN_DAYS + LATER_DAYS,
    seed=7,
    lines_per_order=1.2,
    weekly_amplitude=0,
    yearly_amplitude=0,
    opening_hours=(0, 24),
    guest_rate=0,
    discount_rate=0,
    refund_rate=0.05,
)
COLUMNS = "order_id line_number ordered_at customer_id product_id product_name quantity unit_price country"
MARGIN = 0.4
NEXT = {
    "predicted_next_purchase_date_low_80": 0.1,
    "predicted_next_purchase_date": 0.5,
    "predicted_next_purchase_date_high_80": 0.9,
}
"""Column -> the probability of a purchase by that day."""


WITHOUT_TEST = {"predictions": {"purchases": {"model": "mbg_nbd"}, "evaluation": {"least_history_days": 3_000}}}
"""Like a table of orders alone: no past window is tested."""


def day(number: int) -> str:
    return str(START + dt.timedelta(days=number))


def settings(as_of: str, **predictions) -> dict:
    lines = {name: name for name in COLUMNS.split()}
    return {
        "shop": {"name": "Simulated", "currency": "GBP", "timezone": "UTC"},
        "as_of": as_of,
        "clv": {"gross_margin": MARGIN},
        "predictions": {"purchases": {"model": "mbg_nbd", "discount_rate": 0.1, **predictions}},
        "sources": {"till": {"files": "lines-*", "entities": {"order_lines": {"columns": lines}}}},
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> BuiltShop:
    folder = write_project(tmp_path_factory.mktemp("predicted"), settings(day(KNOWN_DAYS)), {})
    write_shop(SPEC, folder / "data")
    built = BuiltShop(folder)
    built.run()
    return built


@pytest.fixture(scope="module")
def buyers(shop) -> dict[str, np.ndarray]:
    """Each buyer's history and what was predicted of them, as arrays."""
    rows = shop.query(
        """
        select predicted.*, measures.kept_day_count as bought, measures.recency_weeks, measures.age_weeks,
            measures.net_amount
        from gold.customer_clv as predicted
        inner join measures.customer_measures as measures on predicted.customer_id = measures.customer_id
        where measures.kept_day_count > 0 order by predicted.customer_id
        """
    )
    of_text = ("customer_id", "clv_tier", "prediction_basis")
    names = [
        name for name in rows[0] if name not in of_text and not name.startswith(("run_rate_", *NEXT))
    ]  # some have none
    return {
        "customer_id": np.array([row["customer_id"] for row in rows]),
        "prediction_basis": np.array([row["prediction_basis"] for row in rows]),
        **{name: np.array([np.nan if row[name] is None else float(row[name]) for row in rows]) for name in names},
    }


@pytest.fixture(scope="module")
def stored(shop) -> dict:
    return json.loads((shop.folder / ".patron/models/purchases.json").read_text())


@pytest.fixture(scope="module")
def later_days(shop, buyers) -> np.ndarray:
    """On how many days each buyer bought after as_of, counted over the files."""
    files = sorted((shop.folder / "data").glob("lines-*"))
    table = pq.read_table(files, filters=[("kind", "=", "sale")])
    rows = zip(table["customer_id"].to_pylist(), table["ordered_at"].to_pylist(), strict=True)
    days = {(str(who), at.date()) for who, at in rows if who is not None and str(at.date()) > day(KNOWN_DAYS)}
    later: dict[str, int] = {}
    for who, _ in days:
        later[who] = later.get(who, 0) + 1
    return np.array([later.get(who, 0) for who in buyers["customer_id"]])


def test_every_buyer_has_the_numbers_of_the_stored_model(buyers, stored):
    model = MBGNBD.from_dict(stored["content"]["purchases"])
    history = buyers["bought"] - 1, buyers["recency_weeks"], buyers["age_weeks"]
    assert np.allclose(buyers["probability_alive"], model.probability_alive(*history), rtol=1e-9)
    factors = learned(buyers, stored)
    assert 0.5 < factors.min() < factors.max() < 2 and np.ptp(factors) > 0.01
    for days in (30, 90, 365):
        expected = model.expected_purchases(days / 7, *history)
        assert np.allclose(buyers[f"expected_purchases_{days}d"], factors * expected, rtol=1e-9)
        chance = correct_probability(model.probability_of_purchase(days / 7, *history), factors, expected)
        assert np.allclose(buyers[f"probability_of_purchase_{days}d"], chance, rtol=1e-9)
        assert (chance <= factors * expected).all() and (chance > 0).all() and (chance < 1).all()


def learned(buyers, stored) -> np.ndarray:
    """The factor by which past windows move each buyer's forecasts."""
    model = MBGNBD.from_dict(stored["content"]["purchases"])
    expected = model.expected_purchases(90 / 7, buyers["bought"] - 1, buyers["recency_weeks"], buyers["age_weeks"])
    correction = Recalibration.from_dict(stored["content"]["correction"])
    return correction.compute_factors(expected, np.ones(len(expected)))


def test_how_many_purchases_and_the_day_of_the_next_are_those_of_the_stored_model(shop, buyers, stored):
    model = MBGNBD.from_dict(stored["content"]["purchases"])
    history = buyers["bought"] - 1, buyers["recency_weeks"], buyers["age_weeks"]
    names = ("no_purchase", "1_purchase", "2_purchases", "3_or_more_purchases")
    none, *some = model.probability_of_counts(90 / 7, *history)
    assert np.allclose(buyers["probability_of_no_purchase_90d"], 1 - buyers["probability_of_purchase_90d"], rtol=1e-9)
    share = buyers["probability_of_purchase_90d"] / (1 - none)  # those of purchases share out the corrected chance
    for name, chance in zip(names[1:], some, strict=True):
        assert np.allclose(buyers[f"probability_of_{name}_90d"], chance * share, rtol=1e-9)
    rows = shop.query(
        f"""
        select {", ".join(NEXT)} from gold.customer_clv
        where probability_alive is not null order by customer_id
        """
    )
    factors = learned(buyers, stored)
    for name, chance in NEXT.items():
        days = model.time_to_purchase(1 - (1 - chance) ** (1 / factors), *history, longest=3650 / 7) * 7
        expected = [None if np.isnan(one) else day(KNOWN_DAYS + max(int(np.ceil(one)), 1)) for one in days]
        assert [row[name] and str(row[name]) for row in rows] == expected
        assert 0 < np.isnan(days).sum() < len(days) or chance != 0.5  # some have probably left


def test_by_the_day_of_the_next_purchase_as_many_have_bought_as_it_says(shop):
    """A tenth of all have bought by the start of their interval, among those who have one within the held-out days."""
    held_out = f"date '{day(KNOWN_DAYS + LATER_DAYS - 1)}'"
    rows = shop.query(
        f"""
        select customer_id, predicted_next_purchase_date_low_80 as due from gold.customer_clv
        where predicted_next_purchase_date_low_80 <= {held_out}
        """
    )
    table = pq.read_table(sorted((shop.folder / "data").glob("lines-*")), filters=[("kind", "=", "sale")])
    following: dict[str, dt.date] = {}
    for who, at in zip(table["customer_id"].to_pylist(), table["ordered_at"].to_pylist(), strict=True):
        if who is not None and str(at.date()) > day(KNOWN_DAYS):
            following[str(who)] = min(at.date(), following.get(str(who), dt.date.max))
    have_bought = np.mean([following.get(row["customer_id"], dt.date.max) <= row["due"] for row in rows])
    assert len(rows) > 500
    assert have_bought == pytest.approx(0.1, abs=0.04)


def test_the_model_is_fitted_on_every_buyer(buyers, stored):
    again = MBGNBD().fit(buyers["bought"] - 1, buyers["recency_weeks"], buyers["age_weeks"])
    for name, value in stored["content"]["purchases"]["params"].items():
        assert value == pytest.approx(again.params_[name], rel=1e-4)


def test_spend_is_that_of_the_spend_model_of_what_was_kept(buyers, stored):
    spend = stored["content"]["spend"]
    mean = np.maximum(buyers["net_amount"], 1e-9) / buyers["bought"]
    expected = GammaGamma.from_dict(spend["model"]).expected_spend(buyers["bought"], mean)
    assert np.allclose(buyers["expected_spend"], expected, rtol=1e-9)
    kept = buyers["net_amount"] > 0
    assert spend["customers_without_net_spend"] == (~kept).sum()
    exact = GammaGamma().fit(buyers["bought"][kept], mean[kept]).params_
    for name, value in spend["model"]["params"].items():  # means are grouped to three digits before fitting
        assert value == pytest.approx(exact[name], rel=2e-3)


def test_value_is_margin_times_spend_times_discounted_purchases(buyers, stored):
    model = MBGNBD.from_dict(stored["content"]["purchases"])
    history = buyers["bought"] - 1, buyers["recency_weeks"], buyers["age_weeks"]
    rate = np.log(1.1) * 7 / 365
    for years in (1, 3):
        discounted = model.discounted_purchases(years * 365 / 7, rate, *history, step=365 / 12 / 7)
        worth = MARGIN * buyers["expected_spend"] * discounted * learned(buyers, stored)
        assert np.allclose(buyers[f"predicted_clv_{years}y"], worth, rtol=1e-9)
        assert (buyers[f"predicted_clv_{years}y_low_95"] <= buyers[f"predicted_clv_{years}y_low_80"]).all()
        assert (buyers[f"predicted_clv_{years}y_high_80"] <= buyers[f"predicted_clv_{years}y_high_95"]).all()
    assert np.isnan(buyers["predicted_clv_5y"]).all()  # further ahead than five times the 300 days that are known
    lifetime = model.discounted_purchases(5 * KNOWN_DAYS / 7, rate, *history, step=365 / 12 / 7)
    worth = MARGIN * buyers["expected_spend"] * lifetime * learned(buyers, stored)
    assert np.allclose(buyers["residual_clv"], worth, rtol=1e-9)
    assert np.allclose(buyers["total_clv"], MARGIN * buyers["net_amount"] + buyers["residual_clv"])


def test_prediction_basis_separates_repeat_from_one_time_buyers(buyers):
    own = buyers["prediction_basis"] == "own purchases"
    assert (own == (buyers["bought"] > 1)).all()
    assert set(buyers["prediction_basis"]) == {"own purchases", "similar customers"}


def test_what_they_bought_later_is_what_was_expected(shop, buyers, later_days, stored):
    """120 held-out days: the total within 6%, and the bounds of single customers as often right as they say."""
    model = MBGNBD.from_dict(stored["content"]["purchases"])
    history = buyers["bought"] - 1, buyers["recency_weeks"], buyers["age_weeks"]
    horizon = (LATER_DAYS - 1) / 7
    assert model.expected_purchases(horizon, *history).sum() == pytest.approx(later_days.sum(), rel=0.06)
    low_95, low, high, high_95 = compute_purchase_bounds(model, horizon, *history, (0.025, 0.1, 0.9, 0.975))
    assert ((low <= later_days) & (later_days <= high)).mean() > 0.8  # whole numbers: at least what is said
    assert ((low_95 <= later_days) & (later_days <= high_95)).mean() > 0.94
    assert (later_days < low).mean() < 0.1 and (later_days > high).mean() < 0.1


def test_the_card_and_the_run_tell_it(shop):
    from patron.cli.output.run import describe_prediction
    from patron.serve.customer_profile import load_profile, to_sentences

    result = dict(
        to_sentences(
            load_profile(shop.project, shop.query("select min(customer_id) as c from gold.customer_clv")[0]["c"])
        )
    )
    assert "chance of an order in 90 days" in result["Expected"]
    assert describe_prediction(shop.report.predictions[0]).startswith(
        "Purchases: predicted by MBG/NBD, fitted because no model"
    )


def test_the_card_dates_the_next_purchase_of_those_who_will_probably_make_one(shop):
    from patron.serve.customer_profile import load_profile, to_sentences

    median = "predicted_next_purchase_date"
    for known, high in ((f"{median} is not null", f"{median}_high_80 is null"), (f"{median} is null", "true")):
        rows = shop.query(
            f"""
            select customer_id, {median}, {median}_low_80 as low from gold.customer_clv
            where probability_alive is not null and {known} and {high} order by customer_id limit 1
            """
        )
        told = dict(to_sentences(load_profile(shop.project, rows[0]["customer_id"]))).get("Next purchase")
        by = f"By {rows[0][median]} for half of such customers (80% interval: from {rows[0]['low']}, without an end)."
        assert told == (by if rows[0][median] else None)


def test_customers_to_come_are_valued_by_how_they_are_acquired(shop, stored):
    rows = {(row["acquired_through"], row["acquired_by"]): row for row in shop.rows("gold.new_customer_value")}
    everyone = rows["everyone", "everyone"]
    model = MBGNBD.from_dict(stored["content"]["purchases"])
    correction = Recalibration.from_dict(stored["content"]["correction"])
    raised = float(model.expected_purchases_new(365 / 7)) * np.exp(correction.level)
    assert everyone["expected_purchases_365d"] == pytest.approx(raised, rel=0.02)
    assert everyone["expected_value_1y_high_80"] - everyone["expected_spend"] * MARGIN > np.exp(
        1.28 * correction.spread
    ) * (everyone["expected_value_1y"] - everyone["expected_spend"] * MARGIN)
    assert everyone["expected_value_1y_low_80"] < everyone["expected_value_1y"] < everyone["expected_value_1y_high_80"]
    months = {name for through, name in rows if through == "month"}
    assert months == {f"2024-{month:02}" for month in range(1, 11)}
    last = rows["month", "2024-10"]
    assert "days of history (" in last["what_is_missing"] and last["expected_value_1y"] is None


def test_a_stored_model_scores_until_there_is_reason_to_fit_again(shop, tmp_path, stored):
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder)
    later = BuiltShop(write_project(folder, settings(day(KNOWN_DAYS + 10)), {}))
    path = folder / ".patron/models/purchases.json"
    assert later.run().predictions[0].fitted == ""
    assert json.loads(path.read_text()) == stored
    findings = check(Project.load(folder), against_full=True)
    assert [f for f in findings.failed if f.section != "freshness"] == []
    assert later.run(refit=True).predictions[0].fitted == "no model was stored"
    assert later.report.reason == "a new fit was requested"
    much_later = BuiltShop(write_project(folder, settings(day(KNOWN_DAYS + 40)), {}))
    assert much_later.run().predictions[0].fitted == "as_of moved by 30 days"
    assert json.loads(path.read_text())["window"]["as_of_date"] == day(KNOWN_DAYS + 40)


def test_a_small_shop_names_what_is_missing(shop, tmp_path):
    folder = tmp_path / "shop"
    few = settings(day(KNOWN_DAYS), least_customers=10_000, least_days=365)
    shutil.copytree(shop.folder, folder)
    small = BuiltShop(write_project(folder, few, {}))
    outcome = small.run().predictions[0]
    assert outcome.withheld[0].startswith("2,")
    assert outcome.withheld[1] == f"{KNOWN_DAYS} days of history (365 needed)"
    assert small.query("select count(predicted_clv_1y) as n, count(probability_alive) as m from gold.customer_clv") == [
        {"n": 0, "m": 0}
    ]
    assert small.rows("gold.new_customer_value") == []
    row = {row["prediction"]: row for row in small.rows("gold.prediction_status")}["purchases"]
    assert (row["is_made"], row["what_is_missing"]) == (False, "; ".join(outcome.withheld))


def test_the_orders_alone_are_valued_as_in_the_run(shop, tmp_path):
    """A second route to every number: `patron value` groups, fits and scores without dbt, from sales and returns only."""
    sold = shop.query(
        f"""
        select customer_id, ordered_at, line_amount as amount from silver.order_lines
        where line_kind in ('sale', 'return') and order_date <= '{day(KNOWN_DAYS)}'
        """
    )
    pq.write_table(pa.Table.from_pylist(sold), tmp_path / "orders.parquet")
    untested = write_project(tmp_path / "untested", settings(day(KNOWN_DAYS)) | WITHOUT_TEST, {})
    (untested / "data").symlink_to(shop.folder / "data")
    run_alone = BuiltShop(untested)
    run_alone.run()
    requested = build_settings(model="mbg_nbd", discount_rate=0.1)
    done = value_of(
        tmp_path / "orders.parquet",
        tmp_path / "clv.parquet",
        as_of=day(KNOWN_DAYS),
        gross_margin=MARGIN,
        settings=requested,
    )
    found = {row["customer_id"]: row for row in pq.read_table(tmp_path / "clv.parquet").to_pylist()}
    expected = run_alone.query("select * from gold.customer_clv where prediction_basis is not null")
    assert len(expected) == len(found) == done.customers > 2_000
    shared = (set(expected[0]) & set(next(iter(found.values())))) - {"customer_id", "prediction_basis"}
    assert len(shared) == 26
    for row in expected:
        mine = found[row["customer_id"]]
        assert mine["prediction_basis"] == row["prediction_basis"]
        for name in shared:
            expected_value = None if row[name] is None else pytest.approx(row[name], rel=1e-7, abs=1e-9)
            assert mine[name] == expected_value, name
