"""One answer to one question: whether a customer buys in the next days, from the model with the better record."""

from __future__ import annotations

import datetime as dt
import hashlib
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from engines.test_dialects import compile_models
from patron.predict import MBGNBD, GammaGamma, model_store
from patron.predict.churn.model import make_falling
from patron.predict.churn.model_files import read_record, read_summary
from patron.predict.churn.stage import run_churn
from patron.predict.clv import tables as clv_tables
from patron.predict.clv.fit import load_model_class
from patron.predict.clv.scores import score_cells
from patron.predict.outcome import Outcome
from patron.predict.purchase_probability import record as recording
from patron.predict.purchase_probability import tables
from patron.predict.purchase_probability.record import compare
from patron.predict.purchase_probability.stage import settle
from patron.predict.purchase_probability.tables import CHURN, PURCHASES
from patron.predict.regression.tables import AMOUNTS, FACTORS, write_none
from predict.churn.churn_shop import START, ChurnShop, compiled, drawn_events

AS_OF, WINDOWS = 500, (30, 60, 90)
EVENTS = drawn_events(11, 500, AS_OF)
NOT_MADE = Outcome("purchases", withheld=["12 buyers (200 needed)"])
CELLS = "select repeat_count, recency_days, age_days from predictions.cells"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop whose churn is predicted, and whose purchases are, by an MBG/NBD; with what gold reads."""
    shop = ChurnShop(tmp_path_factory.mktemp("one"), EVENTS, AS_OF)
    clv_tables.prepare(shop.warehouse)
    tables.prepare(shop.warehouse)
    churned = run_churn(shop.warehouse, shop.folder, shop.settings).to_outcome()
    histories = shop.warehouse.query(
        "select repeat_count, last_kept_date - first_kept_date as recency_days, as_of_date - first_kept_date as age_days "
        "from measures.customer_measures where kept_day_count > 0 group by all order by all"
    )
    known = shop.rows(
        "select repeat_count as x, last_kept_date - first_kept_date as last, as_of_date - first_kept_date as age "
        "from measures.customer_measures where kept_day_count > 0"
    )
    model = MBGNBD().fit(
        *(np.array([row[name] for row in known]) / by for name, by in (("x", 1), ("last", 7), ("age", 7)))
    )
    scores = score_cells(model, histories, horizon_days=365, discount_rate=0.1)
    shop.warehouse.write(*clv_tables.SCORES, scores)
    shop.warehouse.write(*clv_tables.SPEND, clv_tables.spend_table(None))
    as_of = str(shop.rows("select as_of_date from measures.as_of")[0]["as_of_date"])
    store_kind(shop, "mbg_nbd", as_of)
    shop.outcomes = [Outcome("purchases", model="MBG/NBD", fitted_as_of=as_of), churned]
    with shop.warehouse._connect("building") as connection:
        connection.execute(
            "create or replace table measures.customer_labels as select *, false as is_churned, 'Low' as churn_group, "
            "null as run_rate_clv_1y, null as run_rate_clv_3y, null as run_rate_clv_5y, 'Gold' as clv_tier, "
            "0.5 as clv_percentile_rate from measures.customer_measures"
        )
        for name in ("customer_value", "purchase_probabilities"):
            connection.execute(f"create or replace view predictions.{name} as {compiled()[name]}")
        for name in ("customer_churn", "customer_clv"):
            connection.execute(f"create or replace view gold.{name} as {compiled()[name]}")
    return shop


@pytest.mark.parametrize(("ending", "chance"), [("", 0.5), ("_low_80", 0.1), ("_high_80", 0.9)])
def test_the_day_of_the_next_purchase_agrees_with_the_probability(shop, ending, chance):
    """It is within each window that a purchase is as likely in, and after the others, though churn's learner answers."""
    tables.write_source(shop.warehouse, dict.fromkeys(WINDOWS, True), True, "scored", "not scored")
    rows, moved = shop.rows(_DAYS.format(ending=ending)), 0
    for row in rows:
        for days in (*WINDOWS, 365):
            is_within = row["days"] is not None and row["days"] <= days
            assert is_within == (row[f"probability_of_purchase_{days}d"] >= chance), row
        if row["days"] != row["by_model"]:
            moved += 1
            assert row["days"] in (30, 31, 60, 61, 90, 91, 365, 366), row
    assert 0 < moved < len(rows)


_DAYS = """
select
    chances.*,
    clv.predicted_next_purchase_date{ending} - as_of_date as days,
    own.predicted_next_purchase_date{ending} - as_of_date as by_model
from gold.customer_clv as clv
inner join predictions.purchase_probabilities as chances on clv.customer_id = chances.customer_id
inner join predictions.customer_value as own on clv.customer_id = own.customer_id
cross join measures.as_of
"""


PARAMETERS = {"r": 1.0, "alpha": 8.0, "a": 1.0, "b": 3.0}
FITTED = MBGNBD.from_params(PARAMETERS).to_dict()
"""Of any parameters: the kind is fitted anew on each cutoff."""


def store_kind(shop, kind, as_of="2024-05-16"):
    content = {"kind": kind, "purchases": load_model_class(kind).from_params(PARAMETERS).to_dict()}
    content |= {"is_seasonal": False, "season": None}
    model_store.save(shop.folder / "purchases.json", model_store.FitWindow(as_of, 500, {}), content)


def settled(shop, purchases=None, churn=None, settings=None):
    """The outcome of churn, and the row that says whose probabilities are used."""
    mine, own = shop.outcomes
    given = [purchases or mine, churn or own]
    outcome = settle(shop.warehouse, shop.folder, settings or shop.settings, given)[1]
    return outcome, shop.rows("select * from predictions.purchase_probability_source")[0]


def compared(shop, probability=None):
    """The comparisons, with other probabilities of churn's learners if given."""
    record = read_record(shop.folder / "churn")
    if probability is not None:
        place = record.column_names.index("probability")
        record = record.set_column(place, "probability", pa.array(probability(record)))
    baselines = read_summary(shop.folder / "churn").baselines
    return {one.days: one for one in compare(shop.warehouse, MBGNBD.from_dict(FITTED), record, baselines)}


def test_a_learner_that_was_right_answers_and_one_that_was_wrong_does_not(shop):
    def certain(rate):
        return lambda record: np.where(record["has_left"].to_numpy(zero_copy_only=False), rate, 1 - rate)

    assert {one.chosen for one in compared(shop, certain(0.95)).values()} == {CHURN}
    assert {one.chosen for one in compared(shop, certain(0.05)).values()} == {PURCHASES}
    assert set(compared(shop)) == set(WINDOWS)


def histories_at(cutoff):
    """Each customer's repeat purchases, and weeks to the last of them and to the cutoff, counted over the events."""
    days = {}
    for _, on, who, _, _, kind, *_ in EVENTS["lines"]:
        if kind == "sale" and on <= cutoff:
            days.setdefault(who, set()).add(on)
    return {w: (len(own) - 1, (max(own) - min(own)) / 7, (cutoff - min(own)) / 7) for w, own in days.items()}


def test_the_purchase_model_is_fitted_on_what_was_known_at_each_cutoff(shop):
    record = read_record(shop.folder / "churn").to_pylist()
    for days, one in compared(shop).items():
        losses = []
        for cutoff in {row["as_of_date"] for row in record if row["days"] == days}:
            known = np.array(list(histories_at((cutoff - START).days).values())).T
            model = MBGNBD().fit(*known)
            own = [row for row in record if row["days"] == days and row["as_of_date"] == cutoff]
            x, last, age = (
                np.array([row[name] for row in own]) for name in ("repeat_count", "recency_days", "age_days")
            )
            buys = model.probability_of_purchase(days / 7, x, last / 7, age / 7)
            left = np.array([row["has_left"] for row in own])
            losses += list(-np.log(np.where(left, 1 - buys, buys)))
        assert one.losses[PURCHASES] == pytest.approx(np.mean(losses), rel=1e-3)
        scores = {row["measure"]: row["value"] for row in one.scores}
        assert scores["mean_log_loss"] == pytest.approx(one.losses[PURCHASES])
        assert {row["model"] for row in one.scores + one.bins} == {"MBG/NBD"}


def test_a_large_shop_is_compared_on_the_sample_that_churn_is_trained_on(shop):
    with shop.warehouse._connect("sampling") as connection:
        connection.execute("create or replace table predictions.kept as select * from predictions.churn_sample")
        connection.execute("update predictions.churn_sample set below_key = '80'")
    try:
        with recording.read_sampled_days(shop.warehouse) as relation:
            found = {row["customer_id"] for row in shop.rows(f"select distinct customer_id from {relation}")}
            cutoff = START + dt.timedelta(days=400)
            cutoffs = recording._Cutoffs(shop.warehouse, MBGNBD.from_dict(FITTED), relation, None, is_seasonal=False)
            fitted, _ = cutoffs.fit(cutoff)
        everybody = {row["customer_id"] for row in shop.rows("select distinct customer_id from measures.customer_days")}
        expected = {who for who in everybody if hashlib.md5(who.encode()).hexdigest() < "80"}
        assert found == expected and 0.4 < len(found) / len(everybody) < 0.6
        own = np.array([history for who, history in histories_at(400).items() if who in expected]).T
        assert fitted.params_ == pytest.approx(MBGNBD().fit(*own).params_, rel=1e-2)
    finally:
        with shop.warehouse._connect("restoring") as connection:
            connection.execute("create or replace table predictions.churn_sample as select * from predictions.kept")


def test_equal_forecasts_are_tied_and_the_purchase_model_answers(shop, monkeypatch):
    monkeypatch.setattr(recording._Cutoffs, "predict", lambda self, origin, days, rows: rows["probability"])
    found = compared(shop)
    assert {one.chosen for one in found.values()} == {PURCHASES}
    assert all(one.losses[CHURN] == one.losses[PURCHASES] for one in found.values())


def test_the_comparison_is_made_again_only_when_a_model_is_fitted_again(shop, monkeypatch):
    settled(shop)
    read, query = [], shop.warehouse.query
    monkeypatch.setattr(shop.warehouse, "query", lambda sql: read.append(sql) or query(sql))
    first = settled(shop)
    assert not any("customer_days" in sql for sql in read)
    store_kind(shop, "bg_nbd")
    settled(shop)
    assert any("customer_days" in sql for sql in read)
    store_kind(shop, "mbg_nbd")
    assert settled(shop)[1] == first[1]


@pytest.mark.parametrize("flags", list(product([False, True], repeat=3)))
def test_each_windows_probability_comes_from_its_model_and_they_rise_with_the_window(shop, flags):
    tables.write_source(shop.warehouse, dict(zip(WINDOWS, flags, strict=True)), True, "scored", "not scored")
    learned = {row["customer_id"]: row for row in shop.rows("select * from predictions.churn_scores")}
    bought = {row["customer_id"]: row for row in shop.rows("select * from predictions.customer_value")}
    found = shop.rows("select * from predictions.purchase_probabilities")
    assert len(found) == len(bought) > len(learned) > 100
    for row in found:
        who = row["customer_id"]
        assert row["is_scored_by_churn"] == (who in learned)
        leaves = [
            learned[who][f"churn_probability_{days}d"]
            if by_churn and who in learned
            else 1 - bought[who][f"probability_of_purchase_{days}d"]
            for days, by_churn in zip(WINDOWS, flags, strict=True)
        ]
        expected = 1 - make_falling(np.array([leaves]))[0]
        assert [row[f"probability_of_purchase_{days}d"] for days in WINDOWS] == pytest.approx(expected, abs=1e-12)
        year = max(bought[who]["probability_of_purchase_365d"], row["probability_of_purchase_90d"])
        assert row["probability_of_purchase_365d"] == year


def test_churn_and_value_show_one_number(shop):
    settled(shop)
    rows = shop.rows("select * from gold.customer_churn inner join gold.customer_clv using (customer_id)")
    assert len(rows) > 400
    for row in rows:
        for days in (30, 90):
            both = row[f"churn_probability_{days}d"] + row[f"probability_of_purchase_{days}d"]
            assert both == pytest.approx(1, abs=1e-12)
            assert row[f"expected_purchases_{days}d"] >= row[f"probability_of_purchase_{days}d"] - 1e-12
        counts = ("no_purchase", "1_purchase", "2_purchases", "3_or_more_purchases")
        assert sum(row[f"probability_of_{count}_90d"] for count in counts) == pytest.approx(1, abs=1e-9)
        assert row["driver_1"] and row["churn_model"]
    assert shop.rows(data_test()) == []


def test_a_regression_adjusts_what_is_expected_and_the_year_follows(shop):
    settled(shop)
    before = {row["customer_id"]: row for row in shop.rows("select * from gold.customer_clv")}
    value = {row["customer_id"]: row for row in shop.rows("select * from predictions.customer_value")}
    given = {who: (0.1, 1.0, 3.0)[place % 3] for place, who in enumerate(sorted(value))}
    columns = {"customer_id": list(given), "purchase_factor": list(given.values())}
    shop.warehouse.write(*FACTORS, pa.table(columns))
    after = {row["customer_id"]: row for row in shop.rows("select * from gold.customer_clv")}
    write_none(shop.warehouse)
    for who, factor in given.items():
        row, own = after[who], value[who]
        near = max(own["expected_purchases_30d"] * factor, row["probability_of_purchase_30d"])
        quarter = max(own["expected_purchases_90d"] * factor, row["probability_of_purchase_90d"], near)
        year = quarter + own["expected_purchases_365d"] - own["expected_purchases_90d"]
        assert row["expected_purchases_30d"] == pytest.approx(near)
        assert row["expected_purchases_90d"] == pytest.approx(quarter)
        assert row["expected_purchases_365d"] == pytest.approx(max(year, row["probability_of_purchase_365d"]))
        expectations = {"expected_amount_90d", *(f"expected_purchases_{days}d" for days in (30, 90, 365))}
        others = before[who].keys() - expectations
        assert {name: row[name] for name in others} == {name: before[who][name] for name in others}


def test_the_amount_of_90_days_is_the_learners_where_there_is_one(shop):
    settled(shop)
    value = {row["customer_id"]: row for row in shop.rows("select * from predictions.customer_value")}
    shop.warehouse.write(
        *clv_tables.SPEND, clv_tables.spend_table(GammaGamma.from_params({"p": 6, "q": 4, "gamma": 15}))
    )
    first, *_ = sorted(value)
    shop.warehouse.write(*AMOUNTS, pa.table({"customer_id": [first], "expected_amount_90d": [12.5]}))
    after = {row["customer_id"]: row for row in shop.rows("select * from gold.customer_clv")}
    write_none(shop.warehouse)
    shop.warehouse.write(*clv_tables.SPEND, clv_tables.spend_table(None))
    assert after.pop(first)["expected_amount_90d"] == 12.5
    for row in after.values():
        if row["expected_spend"] is not None:
            assert row["expected_amount_90d"] == pytest.approx(row["expected_purchases_90d"] * row["expected_spend"])
    assert any(row["expected_spend"] for row in after.values())


def data_test():
    return compile_models("everything", "duckdb")["one_purchase_probability"]


def test_the_data_test_finds_two_numbers(shop):
    with shop.warehouse._connect("breaking") as connection:
        connection.execute("create or replace table gold.kept as select * from gold.customer_clv")
        connection.execute("update gold.kept set probability_of_purchase_90d = probability_of_purchase_90d / 2")
        broken = data_test().replace("gold.customer_clv", "gold.kept")
        found = connection.sql(broken).fetchall()
    assert [row[0] for row in found] == ["churn_probability_90d = 1 - probability_of_purchase_90d"]


def test_customers_silent_for_long_have_the_purchase_models_number_and_a_reason(shop):
    settled(shop)
    rows = shop.rows(
        "select * from gold.customer_churn inner join predictions.customer_value using (customer_id) "
        "where days_since_last_order > 365"
    )
    assert rows
    for row in rows:
        assert row["churn_probability_60d"] == pytest.approx(1 - row["probability_of_purchase_60d"])
        assert row["driver_1"] == f"no order for {row['days_since_last_order']} days"
        assert row["churn_model"].startswith("MBG/NBD, fitted as of ")
        assert "no purchase in the last 365 days" in row["churn_model"]


def test_the_outcome_names_who_answers_and_the_losses(shop):
    outcome, source = settled(shop)
    used = [days for days in WINDOWS if source[f"is_by_churn_{days}d"]]
    assert [note.split(":")[0] for note in outcome.notes] == [f"{days} days" for days in WINDOWS]
    assert ("MBG/NBD" in outcome.model) == (len(used) < 3)
    for days, one in compared(shop).items():
        note = next(note for note in outcome.notes if note.startswith(f"{days} days"))
        assert f"{one.losses[one.chosen]:.3f} of " in note.split(" against ")[0]
        assert (one.chosen == CHURN) == (days in used)
    models = {row["model"] for row in shop.rows("select distinct model from predictions.churn_model_scores")}
    assert "MBG/NBD" in models


def test_without_a_purchase_model_churn_answers_alone(shop):
    outcome, source = settled(shop, purchases=NOT_MADE)
    assert all(source[f"is_by_churn_{days}d"] for days in WINDOWS)
    assert outcome == shop.outcomes[1]
    assert source["not_scored"].startswith("no purchase in the last 365 days")


def test_without_a_learner_of_churn_the_purchase_model_answers(shop):
    withheld = Outcome("churn", withheld=["7 customers with an order (80 needed)"])
    outcome, source = settled(shop, churn=withheld)
    assert not any(source[f"is_by_churn_{days}d"] for days in WINDOWS)
    assert (outcome.name, outcome.model, outcome.withheld) == ("churn", "MBG/NBD", [])
    assert outcome.notes == ["no learner of churn's own: 7 customers with an order (80 needed)"]
    assert settled(shop, purchases=NOT_MADE, churn=withheld)[0] == withheld


def test_churn_that_is_switched_off_shows_no_probabilities(shop):
    off = shop.settings.predictions.churn.model_copy(update={"enabled": False})
    predictions = shop.settings.predictions.model_copy(update={"churn": off})
    withheld = Outcome("churn", withheld=["predictions.churn.enabled is false"])
    outcome, source = settled(
        shop, churn=withheld, settings=shop.settings.model_copy(update={"predictions": predictions})
    )
    assert outcome == withheld
    assert not source["is_churn_shown"]
    assert shop.rows("select count(churn_probability_90d) as n from gold.customer_churn") == [{"n": 0}]
    assert shop.rows("select count(probability_of_purchase_90d) as n from gold.customer_clv")[0]["n"] > 400
