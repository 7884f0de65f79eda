"""What was drawn obeys the laws that the spec states, within sampling error worked out from theory.

Each test allows four standard deviations: with fixed seeds it either always passes or shows a wrong law.
"""

from __future__ import annotations

import numpy as np
import pytest

from patron.simulate import ShopSpec, simulate_shop
from patron.simulate.baskets import Baskets
from patron.simulate.catalogue import draw_catalogue
from patron.simulate.clock import Clock
from patron.simulate.customers import draw_customers
from patron.simulate.expectation import lines_per_customer, orders_per_customer, repeats_within
from patron.simulate.orders import orders_by_slice

N = 20_000
SEASONAL = ShopSpec(customers=N, seed=5, weekly_amplitude=0.6, yearly_amplitude=0.8, closed_weekdays=(6,))
STEADY = ShopSpec(customers=N, seed=6, weekly_amplitude=0, yearly_amplitude=0, opening_hours=(0, 24))


@pytest.fixture(scope="module", params=[SEASONAL, STEADY], ids=["seasonal", "steady"])
def shop(request):
    return simulate_shop(request.param)


@pytest.fixture(scope="module")
def truth(shop):
    return {name: shop.truth[name].to_numpy() for name in shop.truth.column_names}


@pytest.fixture(scope="module")
def order_totals(shop):
    """Customer's place and gross amount (pence) of each order of a known customer."""
    table = shop.table()
    lines = {n: table[n].to_numpy() for n in ("order_id", "quantity")}
    price = np.rint(table["unit_price"].cast("double").to_numpy() * 100)
    customer = table["customer_id"].fill_null(0).to_numpy()
    is_known_sale = (np.asarray(table["kind"].cast("string")) == "sale") & (customer > 0)
    _, first, order = np.unique(lines["order_id"][is_known_sale], return_index=True, return_inverse=True)
    totals = np.bincount(order, weights=(lines["quantity"] * price)[is_known_sale])
    return customer[is_known_sale][first] - 1, totals


def deviations(observed: float, expected: float, deviation: float) -> float:
    return abs(observed - expected) / deviation


def test_purchase_rates_have_the_mean_and_variance_of_their_gamma(shop, truth):
    spec, rate = shop.spec, truth["purchase_rate_weeks"]
    mean, variance = spec.r / spec.alpha_weeks, spec.r / spec.alpha_weeks**2
    fourth = (3 + 6 / spec.r) * variance**2
    assert deviations(rate.mean(), mean, np.sqrt(variance / N)) < 4
    assert deviations(rate.var(), variance, np.sqrt((fourth - variance**2) / N)) < 4


@pytest.mark.parametrize("weeks", [1, 5, 20, 100])
def test_lifetimes_survive_as_the_pareto_law_says(shop, truth, weeks):
    spec = shop.spec
    survives = (spec.beta_weeks / (spec.beta_weeks + weeks)) ** spec.s
    observed = (truth["lifetime_weeks"] > weeks).mean()
    assert deviations(observed, survives, np.sqrt(survives * (1 - survives) / N)) < 4


def test_repeat_orders_are_poisson_given_rate_and_exposure(truth):
    expected = truth["purchase_rate_weeks"] * truth["exposure_weeks"]
    repeats = truth["order_count"] - 1
    assert deviations(repeats.sum(), expected.sum(), np.sqrt(expected.sum())) < 4
    # The squared distance of a Poisson count has mean m and variance m + 2 m^2.
    squared = (repeats - expected) ** 2
    assert deviations(squared.sum(), expected.sum(), np.sqrt((expected + 2 * expected**2).sum())) < 4


def test_repeat_orders_match_the_closed_form_expectation():
    repeats = simulate_shop(STEADY).truth["order_count"].to_numpy() - 1
    assert deviations(repeats.mean(), orders_per_customer(STEADY) - 1, repeats.std() / np.sqrt(N)) < 4


def test_the_closed_form_is_continuous_where_it_is_singular():
    weeks = np.array([0.0, 1.0, 52.0])
    at, near = (repeats_within(ShopSpec(customers=1, s=s), weeks) for s in (1.0, 1.0 + 1e-6))
    np.testing.assert_allclose(at, near, rtol=1e-4)
    np.testing.assert_allclose(at[1:], 0.5531 * 11.671 / 10.576 * np.log1p(weeks[1:] / 11.671))


def test_mean_spend_has_the_mean_of_the_gamma_gamma(shop, truth):
    spec = shop.spec
    mean = spec.spend_p * spec.spend_gamma / (spec.spend_q - 1)
    assert spec.mean_spend == mean
    assert deviations(truth["mean_spend"].mean(), mean, mean / np.sqrt((spec.spend_q - 2) * N)) < 4


def test_order_amounts_have_their_customers_mean_and_the_gamma_shape(shop, truth, order_totals):
    customer, totals = order_totals
    assert len(totals) == truth["order_count"].sum()
    relative = totals / (100 * truth["mean_spend"][customer])
    p, n = shop.spec.spend_p, len(totals)
    assert deviations(relative.mean(), 1, np.sqrt(1 / p / n)) < 4
    spread = np.sqrt((3 / p**2 + 6 / p**3 - 1 / p**2) / n)
    # Rounding to whole pieces adds at most a quarter of the square of a price, itself a tenth of the order.
    assert -4 * spread < relative.var() - 1 / p < 4 * spread + (1 + 1 / p) / 400


def test_lines_add_up_to_the_value_that_the_model_drew_without_bias():
    clock, catalogue = Clock(STEADY), draw_catalogue(STEADY)
    customers = draw_customers(STEADY, clock)
    orders = list(orders_by_slice(STEADY, clock, customers))[-1]
    baskets, rng = Baskets(STEADY, catalogue, customers), np.random.default_rng(1)
    value = baskets.values(orders, rng)
    lines = baskets.sales(orders, value, rng)
    place = np.searchsorted(orders.order_id, lines.order_id)
    missed = np.bincount(place, weights=lines.quantity * lines.price) - value
    assert (np.abs(missed) <= np.maximum(value / 10, catalogue.cheapest)).all()
    pieces = missed / lines.price[np.flatnonzero(np.diff(place, append=-1))]
    assert (np.abs(pieces) < 1).all()
    assert deviations(pieces.mean(), 0, pieces.std() / np.sqrt(len(pieces))) < 4


def test_orders_follow_the_week_that_the_spec_states():
    days = np.array(simulate_shop(SEASONAL).table()["ordered_at"].to_numpy(), dtype="datetime64[D]")
    assert not np.is_busday(days, weekmask="Sun").any()


def test_weekdays_get_their_share_of_orders():
    spec = ShopSpec(customers=N, seed=8, days=364, weekly_amplitude=0.5, yearly_amplitude=0.0)
    table = simulate_shop(spec).table()
    _, first = np.unique(table["order_id"].to_numpy(), return_index=True)
    is_order = np.asarray(table["returned_order_id"].is_null())[first]
    days = table["ordered_at"].to_numpy().astype("datetime64[D]")[first][is_order]
    weekday = (days.astype(int) + 3) % 7
    share = (1 + 0.5 * np.cos(2 * np.pi * (np.arange(7) - 4) / 7)) / 7
    observed = np.bincount(weekday, minlength=7)
    # Fewer customers are alive early in the period than late, evenly over weekdays, so the shares hold.
    chi_square = ((observed - len(days) * share) ** 2 / (len(days) * share)).sum()
    assert chi_square < 30  # 6 degrees of freedom: beyond 30 with probability 4e-5


def test_busy_time_is_as_long_as_the_calendar_and_goes_back_and_forth():
    clock = Clock(SEASONAL)
    assert clock.end_weeks == pytest.approx(SEASONAL.days / 7)
    busy = np.linspace(0.01, clock.end_weeks - 0.01, 1000)
    back = clock.weeks_at(clock.seconds_at(busy).astype(float))
    np.testing.assert_allclose(back, busy, atol=1e-4)


def test_growth_moves_arrivals_as_stated():
    spec = ShopSpec(customers=N, arrival_growth=3.0, weekly_amplitude=0, yearly_amplitude=0, opening_hours=(0, 24))
    acquired = simulate_shop(spec).truth["acquired_at"].to_numpy()
    early = (acquired < np.datetime64(spec.start) + np.timedelta64(spec.days * 12, "h")).mean()
    # Density (1 + 2 u) / 2: the first half holds (1/2 + 1/4) / 2.
    assert deviations(early, 0.375, np.sqrt(0.375 * 0.625 / N)) < 4


def test_promotions_that_lift_purchases_lift_them_by_the_stated_share():
    from datetime import timedelta

    days = tuple(STEADY.start + timedelta(days=d) for d in range(0, 365, 2))
    spec = ShopSpec(customers=N, seed=9, promotion_days=days, promotion_uplift=1.0, opening_hours=(0, 24))
    table = simulate_shop(spec).table()
    sold_on = table.filter(table["returned_order_id"].is_null())["ordered_at"].to_numpy().astype("datetime64[D]")
    share = np.isin(sold_on, np.array(days, dtype="datetime64[D]")).mean()
    assert share == pytest.approx(2 / 3, abs=0.01)


def test_expected_lines_count_every_kind():
    plain = ShopSpec(customers=1, guest_rate=0, refund_rate=0, discount_rate=0, lines_per_order=3)
    assert lines_per_customer(plain) == pytest.approx(3 * orders_per_customer(plain))
    full = ShopSpec(customers=1, guest_rate=0.5, refund_rate=0.1, discount_rate=0.2, charge_rate=0.3, lines_per_order=3)
    assert lines_per_customer(full) == pytest.approx(2 * (3 * 1.1 + 0.5) * orders_per_customer(plain))
