"""The contract model: published figures, sums by hand, and parameters recovered from simulated contracts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln

from patron.errors import PatronError
from patron.predict import ShiftedBetaGeometric
from patron.predict.verify import subscribers

MODEL = ShiftedBetaGeometric.from_params({"alpha": 0.668, "beta": 3.806})


def test_the_published_figures_come_out() -> None:
    checks = list(subscribers.run_checks())
    assert [check for check in checks if not check.passed] == []
    assert len(checks) == 22


def test_survival_is_the_product_of_retention_rates() -> None:
    rates = [(3.806 + t - 1) / (0.668 + 3.806 + t - 1) for t in range(1, 13)]  # the paper's eq. 8
    assert MODEL.retention_rate(np.arange(12)) == pytest.approx(rates)
    assert MODEL.survival(np.arange(13)) == pytest.approx(np.concatenate([[1.0], np.cumprod(rates)]))


@pytest.mark.parametrize("tenure", [0, 1, 7, 60])
@pytest.mark.parametrize("rate", [0.005, 0.1, 1.0])
def test_the_residual_lifetime_is_the_discounted_sum_of_renewals(tenure: int, rate: float) -> None:
    later = np.arange(6_000)
    share = np.exp(betaln(0.668, 3.806 + tenure + later + 1) - betaln(0.668, 3.806 + tenure))
    assert MODEL.discounted_lifetime(rate, tenure) == pytest.approx(
        float((share * np.exp(-later * np.log1p(rate))).sum()), rel=1e-8
    )
    assert MODEL.expected_periods(24, tenure) == pytest.approx(float(share[:24].sum()))


def draw(alpha: float, beta: float, customers: int, longest: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw tenures of customers who came at different times, and whether they left."""
    rng = np.random.default_rng(seed)
    lifetime, seen = rng.geometric(rng.beta(alpha, beta, customers)), rng.integers(0, longest + 1, customers)
    return np.minimum(lifetime, seen), lifetime <= seen


def test_parameters_are_recovered_with_their_standard_errors() -> None:
    inside = 0
    for seed in range(40):
        model = ShiftedBetaGeometric().fit(*draw(1.2, 4.0, 3_000, 24, seed))
        assert model.convergence_.all_agree
        for name, truth in (("alpha", 1.2), ("beta", 4.0)):
            ends = np.exp(
                np.log(model.params_[name])
                + np.array([-1.96, 1.96]) * model.standard_errors_[name] / model.params_[name]
            )
            inside += bool(ends[0] <= truth <= ends[1])
    assert 70 <= inside <= 80  # 76 are expected


def test_weights_are_customers_and_cohorts_are_their_customers() -> None:
    tenure, left = [1, 2, 3, 3], [True, True, True, False]
    cohort = ShiftedBetaGeometric().fit_survivors([100, 70, 55, 48])
    weighted = ShiftedBetaGeometric().fit(tenure, left, [30, 15, 7, 48])
    single = ShiftedBetaGeometric().fit(np.repeat(tenure, [30, 15, 7, 48]), np.repeat(left, [30, 15, 7, 48]))
    assert cohort.params_ == pytest.approx(weighted.params_, rel=1e-12)
    assert single.params_ == pytest.approx(weighted.params_, rel=1e-9)
    by_hand = sum(
        n * np.log(float(weighted.survival(t - 1) - weighted.survival(t))) for t, n in ((1, 30), (2, 15), (3, 7))
    )
    assert weighted.log_likelihood_ == pytest.approx(by_hand + 48 * np.log(float(weighted.survival(3))))


def test_it_is_stored_and_read_back() -> None:
    model = ShiftedBetaGeometric().fit_survivors([100, 70, 55, 48])
    again = ShiftedBetaGeometric.from_dict(model.to_dict())
    assert (again.params_, again.standard_errors_) == (model.params_, model.standard_errors_)


@pytest.mark.parametrize(
    ("tenure", "left", "words"),
    [
        ([1, 2, 3], [False, False, False], "Nobody left"),
        ([2, 2, 2], [True, True, False], "all tenures are equal"),
        ([0, 2], [True, False], "is not the period at whose end a customer left"),
        ([1.5, 2], [True, False], "is not a whole number of periods"),
        ([-1, 2], [True, False], "is below 0"),
        ([], [], "no customers"),
    ],
)
def test_what_cannot_be_fitted_is_refused(tenure: list[float], left: list[bool], words: str) -> None:
    with pytest.raises(PatronError, match=words):
        ShiftedBetaGeometric().fit(tenure, left)


@pytest.mark.parametrize("survivors", [[100], [100, 120], [100, -1], [[1, 2]]])
def test_a_cohort_only_shrinks(survivors: list[float]) -> None:
    with pytest.raises(PatronError):
        ShiftedBetaGeometric().fit_survivors(survivors)


@pytest.mark.parametrize("rate", [0.0, -0.1, float("inf"), float("nan")])
def test_a_lifetime_without_discount_has_no_end_and_is_refused(rate: float) -> None:
    with pytest.raises(PatronError, match="above 0"):
        MODEL.discounted_lifetime(rate, 3)
