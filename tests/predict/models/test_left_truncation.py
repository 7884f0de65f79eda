"""New customers of shops that are older than their receipts, told from old ones; the truth is simulated."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.forecasts.old_shops import OLD_KINDS, compare, compute_truth, draw_old_shop

from patron.predict import MBGNBD
from patron.predict.models.left_truncation import LEFT_OUT, fit_left_truncation

BY_NAME = {kind.name: kind for kind in OLD_KINDS}
FEW, MANY = 2, 20


def average(name: str, shops: int) -> tuple[float, float]:
    """Return purchases of new customers / the truth, as if all were new, and corrected."""
    truth = compute_truth(BY_NAME[name])
    found = [compare(BY_NAME[name], seed, truth) for seed in range(shops)]
    before, now = ([getattr(one, part) / truth for one in found] for part in ("before", "now"))
    return float(np.mean(before)), float(np.mean(now))


@pytest.mark.parametrize("name", ["uneven", "Pareto/NBD"])
def test_purchases_of_new_customers_are_found(name) -> None:
    before, now = average(name, FEW)
    assert before > 1.15
    assert now == pytest.approx(1, abs=0.1)


@pytest.mark.soak
@pytest.mark.parametrize("name", BY_NAME)
def test_purchases_of_new_customers_in_many_shops(name) -> None:
    before, now = average(name, MANY)
    assert before > 1.05
    assert now == pytest.approx(1, abs=0.06)


def test_who_is_new_is_as_likely_as_said() -> None:
    """Of customers with a probability around a half, half are new."""
    shop = draw_old_shop(BY_NAME["frequent"], 3)
    x = np.array([len(days) - 1 for days in shop.days], dtype=float)
    last, now = (np.array([end(days) for days in shop.days]) / 7 for end in (np.ptp, lambda days: 365 - days[0]))
    params = MBGNBD(exact=False).fit(x, last, now).params_
    start = tuple(params[name] for name in ("r", "alpha", "a", "b"))
    known = fit_left_truncation(x, last, now, np.ones(len(x)), span=365 / 7, start=start)
    new = known.probability_new(x, last, now)
    early = now > 365 / 7 * (1 - LEFT_OUT)
    assert (new[early] == 0).all() and (new[~early] > 0).all()
    for low, high in ((0.2, 0.5), (0.5, 0.7), (0.7, 0.9)):
        within = (new > low) & (new <= high)
        assert within.sum() > 50
        assert shop.is_new[within].mean() == pytest.approx(new[within].mean(), abs=0.12)
