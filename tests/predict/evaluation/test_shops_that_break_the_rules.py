"""Forecasts of shops that break an assumption of the purchase models: right, or said to be off. docs/forecasts.md"""

from __future__ import annotations

import pytest
from benchmarks.forecasts.shops import KINDS
from benchmarks.forecasts.trials import average, forecast

BY_NAME = {kind.name: kind for kind in KINDS}
FEW, MANY = 1, 20


@pytest.mark.parametrize("name", ["as assumed", "growing"])
def test_totals_and_top_customers_are_forecast(name: str) -> None:
    found = [forecast(BY_NAME[name], seed) for seed in range(FEW)]
    assert average(found, "total") == pytest.approx(1, abs=0.1)
    assert average(found, "amount") == pytest.approx(1, abs=0.15)
    assert 0.7 < average(found, "top_inside") < 0.88
    assert all(one.is_total_inside for one in found)
    if name == "growing":
        assert all("too low by" in one.words and "they are raised by" in one.words for one in found)


@pytest.mark.soak
@pytest.mark.parametrize("name", BY_NAME)
def test_many_shops(name: str) -> None:
    found = [forecast(BY_NAME[name], seed) for seed in range(MANY)]
    assert average(found, "total") == pytest.approx(1, abs=0.1)
    assert 0.75 <= average(found, "top_inside") <= 0.88
    assert sum(one.is_total_inside for one in found) >= 0.75 * MANY
