"""Shops in which nothing has an effect, and shops in which something has a known one, through the shipped models.

Each table that compares customers may call a difference clear in 5% of the shops without an effect, by chance. The bounds here
are what 5% exceeds in one of a thousand such tests; docs/placebo.md has the figures.
"""

from __future__ import annotations

import pytest
from benchmarks.placebo.trials import EFFECTS, NAMES, PLACEBO, count_false_alarms, find_effect
from scipy import stats

FEW, MANY = 25, 200


def most(shops: int) -> int:
    """The number of shops that 5% of them exceed by a chance of 1 in 1,000."""
    return int(stats.binom.isf(0.001, shops, 0.05))


@pytest.mark.parametrize("kind", ["steady", "seasonal"])
def test_nothing_is_clear_where_nothing_has_an_effect(kind):
    found = count_false_alarms(PLACEBO[kind], FEW)
    assert set(found) == set(NAMES)
    assert {name: count for name, count in found.items() if count > most(FEW)} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_known_effect_is_found(name):
    assert find_effect(name, 8).count >= 4


@pytest.mark.soak
@pytest.mark.parametrize("kind", PLACEBO)
def test_nothing_is_clear_in_many_shops_without_an_effect(kind):
    found = count_false_alarms(PLACEBO[kind], MANY)
    assert {name: count for name, count in found.items() if count > most(MANY)} == {}


@pytest.mark.soak
@pytest.mark.parametrize("name", EFFECTS)
def test_a_known_effect_is_found_in_most_of_many_shops(name):
    assert find_effect(name, MANY).count >= 0.6 * MANY
