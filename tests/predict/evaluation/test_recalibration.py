"""What past windows teach about the next one, on forecasts whose error is known."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.predict.evaluation.recalibration import (
    Recalibration,
    Window,
    correct_probability,
    describe_miss,
    learn,
)
from patron.predict.evaluation.top_customers import SHARES, widen


def window(off: float = 1.0, slope: float = 0.0, *, customers: int = 4_000, seed: int = 1) -> Window:
    """Poisson purchases whose true means are forecast^(1 + slope), at `off` times the forecast's total."""
    rng = np.random.default_rng(seed)
    expected = rng.gamma(0.8, 1.5, customers)
    true = expected ** (1 + slope)
    true *= off * expected.sum() / true.sum()
    return Window(expected, rng.poisson(true).astype(float), np.ones(customers))


def test_nothing_is_corrected_without_a_window() -> None:
    found = learn([])
    assert (found.level, found.slope) == (0.0, 0.0)
    assert found.compute_factors(np.array([0.1, 3.0]), np.ones(2)).tolist() == [1.0, 1.0]
    assert found.spread == pytest.approx(np.hypot(0.2, 0.2))  # what one window of a new shop is off by


def test_a_lasting_error_is_corrected_the_more_windows_there_are() -> None:
    levels = [learn([window(1.3, seed=seed) for seed in range(count)]).level for count in (1, 2, 4, 8)]
    assert levels == sorted(levels) and levels[0] == pytest.approx(log(1.3) / 2, rel=0.1)
    assert levels[-1] == pytest.approx(log(1.3), rel=0.12)


def test_windows_that_differ_widen_and_do_not_move() -> None:
    steady = learn([window(off, seed=place) for place, off in enumerate((1.0, 1.02, 0.98))])
    seasonal = learn([window(off, seed=place) for place, off in enumerate((0.6, 1.0, 1 / 0.6))])
    assert seasonal.level == pytest.approx(0, abs=0.03) and steady.level == pytest.approx(0, abs=0.03)
    assert seasonal.spread > 1.8 * steady.spread
    one = learn([window()])
    assert one.spread > steady.spread


@pytest.mark.parametrize("slope", [-0.2, 0.0, 0.2])
def test_the_slope_is_found_and_leaves_the_total(slope: float) -> None:
    windows = [window(slope=slope, seed=seed) for seed in range(3)]
    found = learn(windows)
    assert found.slope == pytest.approx(slope * 0.87, abs=0.03)  # drawn towards 0
    expected, customers = windows[0].expected, windows[0].customers
    factors = Recalibration(0.0, found.slope, 0.2).compute_factors(expected, customers)
    assert factors @ expected == pytest.approx(expected.sum(), rel=0.02)


def test_factors_of_others_are_those_of_the_cells() -> None:
    found = Recalibration(0.1, 0.15, 0.2)
    expected, customers = np.array([0.2, 1.0, 4.0]), np.array([50.0, 30.0, 5.0])
    factors = found.compute_factors(expected, customers)
    assert found.compute_factors(expected, customers, of=expected[[2, 0]]).tolist() == factors[[2, 0]].tolist()
    assert factors[2] > factors[1] > factors[0]
    assert (factors * expected) @ customers == pytest.approx(exp(0.1) * (expected @ customers))


def test_it_is_stored_and_read_back() -> None:
    found = learn([window(1.2)])
    assert Recalibration.from_dict(found.to_dict()) == found


@given(st.floats(0, 1), st.floats(0.25, 4), st.floats(0, 3))
def test_a_corrected_probability_is_one_and_at_most_the_expectation(chance: float, factor: float, more: float) -> None:
    expected = chance + more
    found = float(correct_probability(np.array([chance]), np.array([factor]), np.array([expected]))[0])
    assert 0 <= found <= 1 and found <= factor * expected + 1e-12
    if factor == 1:
        assert found == pytest.approx(chance)


def test_probabilities_stay_in_order_of_their_windows() -> None:
    chances, expected = np.array([0.1, 0.25, 0.6]), np.array([0.11, 0.3, 1.1])
    for factor in (0.3, 0.8, 1.0, 2.5):
        assert (np.diff(correct_probability(chances, np.full(3, factor), expected)) > 0).all()


@pytest.mark.parametrize(
    ("level", "words"),
    [(log(1 / 0.74), "too low by 26%"), (log(1 / 1.1), "too high by 10%"), (0.001, "on target")],
)
def test_the_direction_is_told(level: float, words: str) -> None:
    assert describe_miss(level) == words


def test_it_is_told_as_a_sentence() -> None:
    found = Recalibration(0.0953, 0.0, 0.18, (log(1 / 0.8), log(1 / 1.05)))
    assert found.describe(90) == (
        "In 2 past windows of 90 days predicted purchases were too low by 8% on average (too high by 5% to too low by 20%); "
        "they are raised by 10%, and intervals allow for 20% more or less of all"
    )
    assert Recalibration(0.0, 0.0, 0.28).describe(90).startswith("No past window could be tested")


def test_intervals_are_widened_only_where_they_held_too_few() -> None:
    held = np.array([0.78, 0.83, 0.88, 0.9, 0.94, 0.97, 0.99, 0.99])
    assert widen(held) == {80: 0.8, 95: 0.95}
    low = np.array([0.66, 0.72, 0.79, 0.82, 0.86, 0.9, 0.93, 0.96])
    assert widen(low) == {80: 0.925, 95: 0.995}
    assert widen(np.full(len(SHARES), 0.5)) == {80: 0.995, 95: 0.995}
