"""A model that sees nobody leave says so, and its P(alive) is not shown."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from patron.predict import BGNBD, MBGNBD
from patron.predict.clv.collapse import find_collapse
from patron.predict.clv.tables import withhold_alive


def histories(leave: float, customers: int = 1_500, seed: int = 3) -> tuple[np.ndarray, ...]:
    """Frequency, recency and age in weeks of customers who buy at random and leave with this chance after a purchase."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(10, 100, customers)
    found = []
    for own, rate in zip(age, rng.gamma(1.0, 0.1, customers), strict=True):
        times = [0.0]
        while rng.random() >= leave and times[-1] + (gap := rng.exponential(1 / rate)) < own:
            times.append(times[-1] + gap)
        found.append((len(times) - 1, times[-1], own))
    return tuple(np.array(column) for column in zip(*found, strict=True))


def test_nobody_leaves() -> None:
    """The truth: everybody is alive. No model can tell who of them is at risk."""
    past = histories(0.0)
    model = MBGNBD().fit(*past)
    words = find_collapse(model, *past, np.ones(len(past[0])))
    assert words.startswith("P(alive) is not shown: MBG/NBD finds no sign that customers leave")
    assert "would put it at 9" in words or "would put it at 100" in words
    horizon = model.expected_purchases(10, *past).sum()
    assert horizon == np.clip(
        horizon, 0.9 * len(past[0]), 1.1 * len(past[0])
    )  # 0.1 a week each: purchases remain right


def test_customers_leave() -> None:
    past = histories(0.2)
    for model in (MBGNBD().fit(*past), BGNBD().fit(*past)):
        assert find_collapse(model, *past, np.ones(len(past[0]))) == ""


def test_customers_are_counted_and_not_cells() -> None:
    """Two cells: one near P(alive) = 1, and one of customers who left; it depends on how many are in each."""
    model = MBGNBD.from_params({"r": 1.0, "alpha": 5.0, "a": 0.05, "b": 5.0})
    past = (np.array([20.0, 20.0]), np.array([100.0, 10.0]), np.array([100.0, 100.0]))
    assert model.probability_alive(*past).round(2).tolist() == [1.0, 0.0]
    assert find_collapse(model, *past, np.array([99.0, 1.0])) != ""
    assert find_collapse(model, *past, np.array([1.0, 99.0])) == ""


def test_only_that_column_is_withheld() -> None:
    scores = pa.table({"repeat_count": [1, 2], "probability_alive": [1.0, 1.0], "expected_purchases_30d": [0.1, 0.2]})
    found = withhold_alive(scores)
    assert found.column_names == scores.column_names and found["probability_alive"].null_count == 2
    assert found["expected_purchases_30d"].to_pylist() == [0.1, 0.2]
    assert found.schema.field("probability_alive").type == pa.float64()
