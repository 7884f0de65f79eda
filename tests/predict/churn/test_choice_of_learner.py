"""Which learner of churn is used: the one with the lower log loss on past cutoffs, or the simpler if they are tied."""

from __future__ import annotations

import numpy as np
import pytest

from patron.predict.churn import race as racing
from patron.predict.churn.choice import choose, compute_losses, compute_standard_error
from patron.predict.churn.features import FeatureColumns
from patron.predict.churn.learners import LIGHTGBM, LOGISTIC, LOGISTIC_OF_ALL
from patron.predict.churn.race import find_splits, race
from patron.predict.churn.training import Examples
from predict.churn.churn_shop import ChurnShop, drawn_events


def test_log_loss_by_hand():
    found = compute_losses(np.array([0.5, 0.2, 0.9, 0.0]), np.array([True, False, True, True]))
    assert found == pytest.approx([0.693147, 0.223144, 0.105361, 20.723266], abs=1e-6)


def test_the_standard_error_counts_customers_not_examples():
    rng = np.random.default_rng(1)
    values = rng.normal(size=5000)
    alone = compute_standard_error(values, np.arange(5000))
    assert alone == pytest.approx(values.std() / np.sqrt(5000), rel=1e-9)
    four_times = compute_standard_error(np.tile(values, 4), np.tile(np.arange(5000), 4))
    assert four_times == pytest.approx(alone, rel=1e-9)  # the same customers again are no further evidence


def test_the_simplest_within_one_standard_error_of_the_best_is_used():
    rng = np.random.default_rng(2)
    simple, customers = rng.gamma(2, 0.3, 10_000), np.arange(10_000)
    noise = rng.normal(0, 0.5, 10_000)
    noise = (noise - noise.mean()) / noise.std() * 0.5  # a standard error of 0.005
    for gain, used in ((0.004, "simple"), (0.006, "better"), (-0.2, "simple")):
        assert choose({"simple": simple, "better": simple - gain + noise}, customers) == used


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    shop = ChurnShop(tmp_path_factory.mktemp("race"), drawn_events(11, 500, 400), 400)
    rows = shop.warehouse.query("select * from predictions.churn_training order by as_of_date, customer_id")
    return Examples.from_training(rows, 30)


def spoil_days(examples: Examples, is_spoiled) -> Examples:
    """The same examples, with other outcomes where asked."""
    return Examples(
        examples.days,
        examples.rows,
        examples.cutoffs,
        np.where(is_spoiled, ~examples.has_left, examples.has_left),
        examples.is_for_calibration,
    )


def test_each_cutoff_is_predicted_from_what_was_known_then(examples):
    columns = FeatureColumns.from_table(examples.rows)
    known = np.unique(examples.cutoffs)
    before = race(find_splits(examples, 20), columns, 1, 1)
    assert [test.cutoffs[0] for _, test in before.splits] == known[-1:-4:-1].tolist()
    later = spoil_days(examples, examples.cutoffs >= known[-3])  # the earliest of the three is asked at -3
    after = race(find_splits(later, 20), columns, 1, 1)
    assert (after.predicted[LOGISTIC][2] == before.predicted[LOGISTIC][2]).all()
    assert (after.predicted[LOGISTIC][0] != before.predicted[LOGISTIC][0]).any()


@pytest.mark.parametrize(("is_better", "cutoffs"), [(True, 3), (False, 1)])
def test_lightgbm_drops_out_where_another_is_better_at_the_latest_cutoff(examples, monkeypatch, is_better, cutoffs):
    fit = racing.fit_learner

    class Ideal:
        """Knows the outcome of the tests, or its opposite."""

        def __init__(self, training):
            self.training = training

        def predict(self, matrix, threads):
            left = next(test.has_left for known, test in splits if known is self.training)
            return np.where(left == is_better, 0.99, 0.01)

    splits = find_splits(examples, 20)
    monkeypatch.setattr(
        racing, "fit_learner", lambda name, known, *rest: Ideal(known) if name == LIGHTGBM else fit(name, known, *rest)
    )
    found = race(splits, FeatureColumns.from_table(examples.rows), 1, 1)
    assert len(found.predicted[LIGHTGBM]) == cutoffs
    assert (found.chosen == LIGHTGBM) == is_better
    assert set(found.list_losses()) - {LIGHTGBM} == {LOGISTIC, LOGISTIC_OF_ALL}
