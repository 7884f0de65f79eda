"""What the learners of churn really learn from: a spy stands where LightGBM and the isotonic regression stand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from patron.predict.churn import boosting, training
from patron.predict.churn.choice import choose, compute_losses
from patron.predict.churn.features import FeatureColumns
from patron.predict.churn.learners import LIGHTGBM, LOGISTIC, LOGISTIC_OF_ALL
from patron.predict.churn.refit import find_reason_to_train
from patron.predict.churn.training import Examples, train
from patron.project.settings.predictions import ChurnPrediction, Refit

FIRST = np.datetime64("2024-01-01")
KEYS = [f"00000000{number:08x}" for number in range(10)]
"""Of the customers 0 to 9: the digits 9 to 16 decide, so 0 and 5 are for calibration."""


def table(days: int = 30, cutoffs: int = 6) -> pa.Table:
    """Ten customers at each cutoff, 30 days apart. A row's number is its only feature, and its outcome its parity."""
    rows = [(number, cutoff) for cutoff in range(cutoffs) for number in range(10)]
    places = range(len(rows))
    return pa.table(
        {
            "customer_id": [f"c{number}" for number, _ in rows],
            "sample_key": [KEYS[number] for number, _ in rows],
            "as_of_date": pa.array([(FIRST + 30 * cutoff).item() for _, cutoff in rows], pa.date32()),
            f"left_{days}": pa.array([place % 2 for place in places], pa.int32()),
            "days_since_last_order": pa.array(list(places), pa.int64()),
        }
    )


@pytest.fixture
def learned(monkeypatch) -> dict[str, Any]:
    """The rows that trees were fitted on, and those that they were calibrated on."""
    seen: dict[str, Any] = {}

    class Booster:
        def predict(self, matrix: Any, num_threads: int) -> Any:
            seen["calibrated"] = matrix[:, 0].astype(int).tolist()
            return matrix[:, 0]

    def dataset(matrix: Any, label: Any, **_: Any) -> None:
        seen["fitted"], seen["label"] = matrix[:, 0].astype(int).tolist(), label.tolist()

    def isotonic(scores: Any, outcomes: Any) -> tuple[list[float], list[float]]:
        seen["outcomes"] = outcomes.tolist()
        return [0.0, 1.0], [0.0, 1.0]

    fake = SimpleNamespace(Dataset=dataset, train=lambda *_: Booster())
    monkeypatch.setattr(boosting, "lightgbm", fake)
    monkeypatch.setattr(training, "fit_isotonic", isotonic)
    return seen


def test_trees_are_calibrated_on_customers_that_they_never_saw(learned):
    examples = Examples.from_training(table(), 30)
    columns = FeatureColumns(("days_since_last_order",))
    train(examples, columns.to_matrix(examples.rows), columns, seed=1, threads=1)
    assert learned["fitted"] == [place for place in range(60) if place % 10 not in (0, 5)]
    assert learned["label"] == [place % 2 for place in learned["fitted"]]
    # the fifth by the hash, at the latest three of six cutoffs
    assert learned["calibrated"] == [30, 35, 40, 45, 50, 55]
    assert learned["outcomes"] == [False, True, False, True, False, True]


@pytest.mark.parametrize(("days", "last_known"), [(30, 4), (60, 3), (90, 2)])
def test_a_cutoff_is_predicted_from_windows_that_have_ended_by_that_very_day(days, last_known):
    earlier, latest = Examples.from_training(table(days), days).split()
    assert set(latest.cutoffs.tolist()) == {(FIRST + 150).item()}
    assert earlier.cutoffs.max() == FIRST + 30 * last_known
    assert len(earlier.cutoffs) == 10 * (last_known + 1)


def test_the_cutoff_before_the_latest_and_one_that_is_not_there():
    examples = Examples.from_training(table(), 30)
    earlier, asked = examples.split(1)
    assert (earlier.cutoffs.max(), set(asked.cutoffs.tolist())) == (FIRST + 90, {(FIRST + 120).item()})
    assert [len(part.cutoffs) for part in examples.split(5)] == [0, 10]
    assert [len(part.cutoffs) for part in examples.split(6)] == [0, 0]


def test_examples_without_a_known_outcome_teach_nothing():
    rows = table().set_column(3, "left_30", pa.array([None if place >= 50 else 1 for place in range(60)], pa.int32()))
    examples = Examples.from_training(rows, 30)
    assert len(examples.cutoffs) == 50
    assert examples.has_left.all()


def test_a_loss_is_the_logarithm_of_what_was_said_of_what_happened():
    found = compute_losses(np.array([0.8, 0.8, 0.5]), np.array([True, False, True]))
    assert found.tolist() == pytest.approx([0.22314355131420976, 1.6094379124341003, 0.6931471805599453])


def test_a_learner_as_good_as_a_simpler_one_is_not_used():
    same = np.array([0.1, 0.2, 0.3, 0.4])
    people = np.arange(4)
    assert choose({LOGISTIC: same, LOGISTIC_OF_ALL: same, LIGHTGBM: same}, people) == LOGISTIC
    assert choose({LOGISTIC: same + 1, LOGISTIC_OF_ALL: same, LIGHTGBM: same}, people) == LOGISTIC_OF_ALL


STATE = {"settings": {}, "features": [], "as_of_date": "2024-01-31", "customer_day_count": 100}


@pytest.mark.parametrize(
    ("day", "count", "is_trained"),
    [
        ("2024-02-29", 100, False),
        ("2024-03-01", 100, True),
        ("2024-01-30", 100, True),
        ("2024-01-31", 124, False),
        ("2024-01-31", 125, True),
        ("2024-01-31", 76, False),
        ("2024-01-31", 75, True),
    ],
)
def test_a_model_is_trained_again_after_thirty_days_or_a_quarter_more_or_less(day, count, is_trained):
    now = {**STATE, "as_of_date": day, "customer_day_count": count}
    config = ChurnPrediction(refit=Refit(growth=0.25))
    assert bool(find_reason_to_train(STATE, now, config)) == is_trained
