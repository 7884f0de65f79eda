"""What contacting did: sums by hand, effects that were put in and are found again, and none where there is none."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from scipy import stats

from activate.many_customers import MADE, later, shop_of
from patron.activate.audience import AudienceRequest, create_audience
from patron.activate.effect import (
    NothingHeldOutError,
    adjust_for_many,
    compare_groups,
    compare_outcomes,
    measure_effect,
)
from patron.activate.holdout import draw_holdout
from patron.activate.record import UnknownAudienceError, load_members, load_records

DAY = dt.timedelta(days=1)


def spending(random: np.random.Generator, count: int) -> np.ndarray:
    """What people spend: most nothing, some much."""
    return np.where(random.random(count) < 0.3, random.lognormal(3, 0.8, count), 0)


def test_welch_is_that_of_the_textbook():
    one, two = np.array([1.0, 2, 3, 4, 10]), np.array([2.0, 2, 5])
    found = compare_groups("x", one, two)
    theirs = stats.ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    assert (found.treatment, found.held_out, found.difference) == (4, 3, 1)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_groups_of_one_have_no_interval_and_groups_without_spread_a_sharp_one():
    assert compare_groups("x", np.array([1.0]), np.array([2.0, 3])).low is None
    assert compare_groups("x", np.zeros(5), np.zeros(3)).high == 0


def test_intervals_hold_the_effect_that_was_put_in():
    random, held = np.random.default_rng(7), 0
    for _ in range(500):
        found = compare_groups("x", spending(random, 1800) + 3, spending(random, 200))
        held += found.low <= 3 <= found.high
    assert 0.92 <= held / 500 <= 0.98


def test_p_values_are_adjusted_as_scipy_does():
    p_values = [0.01, 0.04, 0.03, 0.5, 0.03]
    assert adjust_for_many(p_values) == pytest.approx(list(stats.false_discovery_control(p_values)))
    assert adjust_for_many([]) == []


def test_outcomes_are_adjusted_for_each_other():
    random = np.random.default_rng(5)
    is_held_out = np.arange(400) < 100
    outcomes = {name: random.random(400) + shift * ~is_held_out for name, shift in (("a", 0.1), ("b", 0.07), ("c", 0))}
    found = compare_outcomes(outcomes, is_held_out)
    theirs = [stats.ttest_ind(v[~is_held_out], v[is_held_out], equal_var=False).pvalue for v in outcomes.values()]
    assert [one.p_value for one in found] == pytest.approx(theirs)
    assert [one.adjusted_p_value for one in found] == pytest.approx(list(stats.false_discovery_control(theirs)))


def test_equal_groups_rarely_differ_significantly():
    """The same people and the same spending, drawn apart by many seeds: 5% of the draws may show an effect."""
    random, ids = np.random.default_rng(11), [f"c{number}" for number in range(2000)]
    spent, wrong = spending(random, 2000), 0
    for seed in range(500):
        held = np.array(draw_holdout("a", ids, 0.2, seed))
        found = compare_groups("x", spent[~held], spent[held])
        wrong += not found.low <= 0 <= found.high
    assert 0.02 <= wrong / 500 <= 0.085


@pytest.fixture
def made(tmp_path):
    """At Risk of 4,000 customers, a fifth held out, and who they are."""
    project = shop_of(tmp_path / "shop", 4000)
    create_audience(project, AudienceRequest("At Risk", holdout=0.2, to=str(tmp_path / "list.csv")))
    members = load_members(project.audiences, load_records(project.audiences)[0]).to_pydict()
    return project, dict(zip(members["customer_id"], members["is_held_out"], strict=True))


def test_the_effect_equals_sums_by_hand(made):
    project, members = made
    contacted, held = ([one for one in members if members[one] is is_held] for is_held in (False, True))
    orders = [(contacted[0], MADE, 1000.0)]  # on the day itself: known when the list was made
    orders += [(contacted[1], MADE + 90 * DAY, 12.5), (contacted[1], MADE + DAY, 7.5), (held[0], MADE + 2 * DAY, 4.0)]
    orders += [(contacted[2], MADE + 91 * DAY, 500.0), ("c1", MADE + DAY, 999.0)]  # too late; not in the audience
    later(project, orders)
    effect = measure_effect(project, "at risk")
    bought, counts, spent = effect.differences
    assert (effect.treatment, effect.held_out, effect.days) == (len(contacted), len(held), 90)
    assert (bought.treatment, bought.held_out) == pytest.approx((1 / len(contacted), 1 / len(held)))
    assert (counts.treatment, counts.held_out) == pytest.approx((2 / len(contacted), 1 / len(held)))
    assert (spent.treatment, spent.held_out) == pytest.approx((20 / len(contacted), 4 / len(held)))
    assert effect.counted_to == (MADE + 90 * DAY).isoformat()
    assert "Only 2 people have bought since" in effect.warnings[0]
    assert effect.sentence == "Not enough data after 90 days to tell."


def bought_by(members: dict[str, bool], lift: float, last: int) -> list[tuple[str, dt.date, float]]:
    random = np.random.default_rng(3)
    amounts = np.maximum(0.01, random.normal(20, 5, len(members)) + [0 if held else lift for held in members.values()])
    days = [MADE + int(day) * DAY for day in random.integers(1, last + 1, len(members))]
    days[0] = MADE + last * DAY
    return list(zip(members, days, map(float, amounts), strict=True))


def test_a_gain_is_found_and_reported(made):
    project, members = made
    later(project, bought_by(members, 5, 34))
    effect = measure_effect(project, load_records(project.audiences)[0].id)
    spent = effect.differences[-1]
    assert spent.low < 5 < spent.high
    assert spent.low > 0
    assert effect.sentence.startswith(f"Contacted customers spent £{spent.difference:.2f} more per person than the")
    assert f"between £{spent.low:.2f} and £{spent.high:.2f} (95% interval), in 34 of 90 days." in effect.sentence
    assert effect.warnings == []


def test_a_loss_is_reported_as_a_loss(made):
    project, members = made
    later(project, bought_by(members, -5, 120))
    effect = measure_effect(project, "At Risk")
    assert "less per person than the control group" in effect.sentence
    assert effect.sentence.endswith("in 90 days.")


@pytest.mark.parametrize(
    ("last", "sentence"),
    [(10, "Too early to tell: after 10 of 90 days"), (90, "No difference was found: after 90 days")],
)
def test_no_effect_is_reported_as_no_difference(made, last, sentence):
    project, members = made
    later(project, bought_by(members, 0, last))
    effect = measure_effect(project, "At Risk")
    assert effect.differences[-1].low < 0 < effect.differences[-1].high
    assert effect.sentence.startswith(sentence)
    assert "less and £" in effect.sentence


def test_it_is_too_early_before_any_order(made):
    effect = measure_effect(made[0], "At Risk")
    assert effect.sentence == "Too early to tell: there are no orders since the audience was exported."
    assert (effect.days, effect.warnings) == (0, [])


def test_small_groups_give_a_warning_and_no_conclusion(tmp_path):
    project = shop_of(tmp_path / "shop", 200)
    create_audience(project, AudienceRequest("At Risk", holdout=0.2, to=str(tmp_path / "list.csv")))
    members = load_members(project.audiences, load_records(project.audiences)[0]).to_pydict()
    later(project, bought_by(dict(zip(members["customer_id"], members["is_held_out"], strict=True)), 50, 30))
    effect = measure_effect(project, "At Risk")
    assert "the interval is not reliable with fewer than 30" in effect.warnings[0]
    assert effect.sentence == "Not enough data after 30 of 90 days to tell."


def test_an_effect_that_cannot_be_measured_is_refused(tmp_path):
    project = shop_of(tmp_path / "shop", 200)
    with pytest.raises(UnknownAudienceError, match="There is no audience 'At Risk'"):
        measure_effect(project, "At Risk")
    create_audience(project, AudienceRequest("At Risk", holdout=0, to=str(tmp_path / "list.csv")))
    with pytest.raises(NothingHeldOutError):
        measure_effect(project, "At Risk")
    (project.audiences / load_records(project.audiences)[0].id / "members.parquet").write_bytes(b"")
    with pytest.raises(UnknownAudienceError, match="members of the audience cannot be read"):
        load_members(project.audiences, load_records(project.audiences)[0])


def test_the_latest_audience_of_a_name_is_measured(made, tmp_path):
    project, _ = made
    create_audience(project, AudienceRequest("At Risk", holdout=0.3, to=str(tmp_path / "again.csv")))
    assert measure_effect(project, "At Risk").id == "at_risk-2024-07-01-2"
    assert measure_effect(project, "at_risk-2024-07-01-1").id == "at_risk-2024-07-01-1"
    assert math.isclose(measure_effect(project, "At Risk").held_out, 300, rel_tol=0.2)
