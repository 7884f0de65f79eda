"""The churn model on a shop whose people leave by a known law: it beats recency, is calibrated, and says what it lacks."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron.errors import PatronError
from patron.predict.churn.learners import LIGHTGBM, LOGISTIC, LOGISTIC_OF_ALL
from patron.predict.churn.model import ChurnModel, make_falling
from patron.predict.churn.model_files import read_model, write_model
from patron.predict.churn.training import WINDOWS, Examples, fit_isotonic, interpolate
from predict.churn.churn_shop import ChurnShop, day, drawn_events

PROBABILITIES = [f"churn_probability_{days}d" for days in WINDOWS]
DRIVERS = ["driver_1", "driver_2", "driver_3"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ChurnShop(tmp_path_factory.mktemp("churn"), drawn_events(7, 1200, 660), 660)


@pytest.fixture(scope="module")
def training(shop):
    return shop.warehouse.query("select * from predictions.churn_training")


@pytest.fixture(scope="module")
def features(shop):
    return shop.warehouse.query("select * from predictions.churn_features order by customer_id")


@pytest.fixture(scope="module")
def model(training):
    return ChurnModel(least_leavers=40, threads=1).fit(training)


@pytest.fixture(scope="module")
def scores(model, features):
    return model.score(features, currency="EUR")


def measured(model, days, name, measure):
    rows = model.model_scores.to_pylist()
    target = f"no purchase in {days} days"
    return next(r["value"] for r in rows if (r["model"], r["target"], r["measure"]) == (name, target, measure))


@pytest.mark.parametrize("days", WINDOWS)
def test_better_than_recency_on_days_it_never_saw(model, days):
    used = model.names_[days]
    assert model.withheld_ == {}
    assert measured(model, days, used, "auc") > measured(model, days, "recency", "auc") > 0.6
    assert measured(model, days, used, "log_loss") < measured(model, days, "recency", "log_loss")
    assert measured(model, days, used, "brier") < measured(model, days, "recency", "brier")
    result = (measured(model, days, used, f"mean_{kind}") for kind in ("predicted", "observed"))
    assert abs(np.subtract(*result)) < 0.05


@pytest.mark.parametrize("name", [LOGISTIC, LOGISTIC_OF_ALL, LIGHTGBM])
def test_calibration_rises_and_counts_everybody(model, name):
    bins = [row for row in model.model_calibration.to_pylist() if row["model"] == name]
    for days in WINDOWS:
        own = [row for row in bins if row["target"] == f"no purchase in {days} days"]
        assert [row["bin"] for row in own] == list(range(1, 11))
        assert [row["predicted"] for row in own] == sorted(row["predicted"] for row in own)
        assert own[0]["observed"] < own[-1]["observed"]
        assert sum(row["customer_count"] for row in own) == measured(model, days, name, "example_count")


@pytest.mark.parametrize("back", [0, 1, 2])
def test_nothing_judged_was_trained_on(training, back):
    for days in WINDOWS:
        examples = Examples.from_training(training, days)
        earlier, latest = examples.split(back)
        assert latest.cutoffs.min() == np.unique(examples.cutoffs)[-1 - back]
        assert len(set(latest.cutoffs.tolist())) == 1
        assert (earlier.cutoffs + np.timedelta64(days, "D")).max() <= latest.cutoffs.min()
        held = set(earlier.rows.filter(earlier.is_for_calibration)["customer_id"].to_pylist())
        assert held.isdisjoint(earlier.rows.filter(~earlier.is_for_calibration)["customer_id"].to_pylist())


def test_all_customers_are_scored_in_order(scores, features):
    assert scores.column_names == ["customer_id", *PROBABILITIES, *DRIVERS]
    assert scores["customer_id"].to_pylist() == features["customer_id"].to_pylist()
    for row in scores.to_pylist():
        first, second, third = (row[name] for name in PROBABILITIES)
        assert 1 > first >= second >= third > 0
        assert row["driver_1"]
        assert row["driver_2"] or not row["driver_3"]
        assert row["driver_2"] is None or not row["driver_1"].startswith("main reason to stay")


def test_the_same_rows_in_any_order_give_the_same_model(training, features, scores):
    shuffled = training.take(pa.array(np.random.default_rng(1).permutation(training.num_rows)))
    assert ChurnModel(least_leavers=40, threads=1).fit(shuffled).score(features, currency="EUR") == scores


def test_files_give_the_same_scores(tmp_path, model, features, scores):
    write_model(model, tmp_path / "churn")
    write_model(model, tmp_path / "churn")  # over an older one
    assert sorted(path.name for path in tmp_path.iterdir()) == ["churn"]
    read, _ = read_model(tmp_path / "churn", threads=1)
    assert read.score(features, currency="EUR") == scores
    assert read.model_scores == model.model_scores
    content = json.loads((tmp_path / "churn" / "churn.json").read_text())
    assert set(content["made_with"]) == {"patron", "lightgbm", "scikit-learn", "numpy"}
    assert content["data"]["last_cutoff"] == str(day(630))
    assert read.record_ == model.record_
    trees = {path.name: path.read_text() for path in (tmp_path / "churn").glob("trees_*")}
    assert set(trees) == {f"trees_{days}d.txt" for days, name in model.names_.items() if name == LIGHTGBM}
    assert all(text.startswith("tree\n") for text in trees.values())


def spoil_number(path):
    path.write_text(path.read_text().replace('"format": 2', '"format": 99'))


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("churn.json", lambda path: path.unlink()),
        ("churn.json", lambda path: path.write_text("{")),
        ("churn.json", spoil_number),
        ("churn.json", lambda path: path.write_text(path.read_text().replace('"coefficients"', '"other"'))),
        ("record.parquet", lambda path: path.unlink()),
        ("record.parquet", lambda path: path.write_text("nothing")),
        ("trees_*d.txt", lambda path: path.unlink()),
        ("trees_*d.txt", lambda path: path.write_text("nothing")),
    ],
)
def test_a_damaged_model_raises_an_error_that_says_so(tmp_path, model, name, spoil):
    assert len(set(model.names_.values())) > 1  # this shop's windows have learners of either kind
    write_model(model, tmp_path / "churn")
    spoil(next((tmp_path / "churn").glob(name)))
    with pytest.raises(PatronError, match="The churn model cannot be read"):
        read_model(tmp_path / "churn")


def test_a_missing_column_is_named(model, features):
    with pytest.raises(ValueError, match="lack tenure_days"):
        model.score(features.drop_columns(["tenure_days"]))


def test_channels_never_seen_are_unknown(model, features):
    other = features.set_column(
        features.column_names.index("main_channel"), "main_channel", pa.array(["moon"] * features.num_rows)
    )
    assert not any(np.isnan(model.score(other)[name].to_numpy()).any() for name in PROBABILITIES)


def test_drivers_above_limits_drivers_to_the_top_spenders(model, features, scores):
    above = float(np.median(features["net_amount"].to_numpy()))
    some = model.score(features, currency="EUR", drivers_above=above)
    result = pc.is_valid(some["driver_1"]).to_pylist()
    assert result == (features["net_amount"].to_numpy() > above).tolist()
    assert some.filter(pa.array(result)) == scores.filter(pa.array(result))
    assert some.select(PROBABILITIES) == scores.select(PROBABILITIES)
    nobody = model.score(features, drivers_above=float("inf"))
    assert nobody["driver_1"].null_count == features.num_rows


def test_too_few_examples_withhold_every_window(training, features):
    model = ChurnModel(least_leavers=100_000, threads=1).fit(training)
    assert "customers to train on (200,000 needed)" in model.withheld_[30]
    assert model.learners_ == {}
    assert {name: model.score(features)[name].null_count for name in (*PROBABILITIES, *DRIVERS)} == dict.fromkeys(
        (*PROBABILITIES, *DRIVERS), features.num_rows
    )


def test_a_short_history_withholds_the_long_windows(training, features):
    recent = training.filter(pc.greater(training["as_of_date"], pa.scalar(day(520))))
    model = ChurnModel(least_leavers=20, threads=1).fit(recent)
    assert set(model.learners_) == {30, 60}
    assert model.withheld_ == {90: "270 days of sales are needed to predict 90 days ahead"}
    scores = model.score(features)
    assert scores["churn_probability_90d"].null_count == features.num_rows
    assert scores["churn_probability_60d"].null_count == 0


def test_a_window_without_churn_is_withheld(training):
    stayed = training.set_column(
        training.column_names.index("left_30"), "left_30", pa.array([0] * training.num_rows, pa.int32())
    )
    model = ChurnModel(least_leavers=40, threads=1).fit(stayed)
    assert model.withheld_[30] == "0 examples of customers who churned to train on (40 needed)"


def test_no_examples_and_no_customers_to_score(model, training, features):
    assert set(ChurnModel(threads=1).fit(training.slice(0, 0)).withheld_) == set(WINDOWS)
    assert model.score(features.slice(0, 0)).num_rows == 0


def test_probabilities_are_put_in_falling_order():
    given = np.array([[0.9, 0.5, 0.2], [0.4, 0.6, 0.5], [0.1, 0.2, 0.3]])
    assert make_falling(given).tolist() == [[0.9, 0.5, 0.2], [0.5, 0.5, pytest.approx(0.45)], [0.2, 0.2, 0.2]]


def test_knots_are_isotonic_and_never_certain():
    found = fit_isotonic([1, 2, 3, 4], [0, 1, 0, 1])
    assert interpolate([0, 1, 2, 2.5, 3, 4, 9], found).tolist() == [0.125, 0.125, 0.5, 0.5, 0.5, 0.875, 0.875]
