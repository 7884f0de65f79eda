"""Defaults as the references of the field give them, and values exactly on the edge of what is allowed."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from patron.project.settings import ProjectSettings

LEAST = {"shop": {"name": "Shop"}, "sources": {"till": {"files": "*.csv"}}}

DEFAULTS = {
    "shop.currency": "USD",
    "shop.locale": "en_US",
    "shop.timezone": "UTC",
    "churn.window_days": 90,
    "churn.low_days": 30,
    "churn.medium_days": 60,
    "rfm.method": "quantile",
    "clv.gross_margin": 0.3,
    "clv.tenure_unit": "years",
    "clv.run_rate_least_days": 365,
    "clv.tiers.measure": "historical_clv",
    "clv.tiers.by": "percentile",
    "clv.tiers.cuts": (0.33, 0.66),
    "quarantine.stop_above_rate": 0.5,
    "quarantine.at_least_rows": 100,
    "quarantine.future_events": False,
    "channels.dominant_share": 0.7,
    "support.follow_up_days": 30,
    "deliveries.follow_up_days": 30,
    "surveys.least_customers": 5,
    "surveys.most_answers": 30,
    "campaigns.credit": "touches",
    "campaigns.lookback_days": 30,
    "campaigns.first_share": 0.4,
    "campaigns.last_share": 0.4,
    "campaigns.half_life_days": 7.0,
    "promotions.window_days": 28,
    "customers.normalize_emails": True,
    "dashboard.sign_in": "none",
    "publish.personal": False,
    "audiences.personal": (),
    "audiences.holdout": 0.1,
    "audiences.measure_days": 90,
    "predictions.purchases.model": "auto",
    "predictions.purchases.discount_rate": 0.1,
    "predictions.purchases.lifetime_years": 5,
    "predictions.purchases.horizon_days": 1095,
    "predictions.purchases.least_customers": 200,
    "predictions.purchases.least_repeaters": 50,
    "predictions.purchases.least_days": 90,
    "predictions.churn.enabled": True,
    "predictions.churn.active_days": 365,
    "predictions.churn.least_leavers": 100,
    "predictions.churn.refit.after_days": 30,
    "predictions.churn.refit.growth": 0.1,
    "predictions.evaluation.horizon_days": 90,
    "predictions.evaluation.origins": 3,
    "questions.lapsed_top_spenders.percentile": 0.8,
    "questions.lapsed_top_spenders.inactive_days": 90,
    "questions.golden_baskets.percentile": 0.9,
    "questions.golden_baskets.least_orders": 2,
    "questions.golden_baskets.least_departments": 3,
    "questions.product_affinity.partners": 5,
    "questions.product_affinity.significance": 0.05,
    "questions.product_affinity.least_pair_customers": 5,
    "questions.loyalty_uplift.orders": 10,
    "questions.basket_shift.orders": 3,
    "questions.basket_shift.least_drop": 0.2,
    "questions.cohort_retention.pivoted_months": 12,
}


def load(place: str = "", value: Any = None, **more: Any) -> ProjectSettings:
    """Settings with a value at a place, such as campaigns.first_share, and others beside it."""
    given: dict[str, Any] = {}
    names = place.split(".") if place else []
    inner = given
    for name in names[:-1]:
        inner = inner.setdefault(name, {})
    if names:
        inner |= {names[-1]: value, **more}
    return ProjectSettings.model_validate({**LEAST, **given, "shop": {**LEAST["shop"], **given.get("shop", {})}})


def read(settings: Any, place: str) -> Any:
    for name in place.split("."):
        settings = getattr(settings, name)
    return settings


@pytest.mark.parametrize("place", DEFAULTS)
def test_what_a_shop_does_not_set(place):
    assert read(load(), place) == DEFAULTS[place]


EDGES = [
    ("campaigns.first_share", 0.6, {"last_share": 0.4}),
    ("campaigns.first_share", 1, {"last_share": 0}),
    ("campaigns.first_share", 0, {"last_share": 1}),
    ("clv.gross_margin", 1, {}),
    ("clv.run_rate_least_days", 1, {}),
    ("channels.dominant_share", 1, {}),
    ("quarantine.stop_above_rate", 0, {}),
    ("quarantine.stop_above_rate", 1, {}),
    ("quarantine.at_least_rows", 1, {}),
    ("audiences.holdout", 0, {}),
    ("audiences.holdout", 0.9, {}),
    ("audiences.measure_days", 1, {}),
    ("questions.golden_baskets.percentile", 0, {}),
    ("questions.lapsed_top_spenders.percentile", 0, {}),
    ("predictions.purchases.discount_rate", 0, {}),
    ("predictions.purchases.discount_rate", 1, {}),
    ("churn.window_days", 3, {}),
    (
        "rfm.method",
        "threshold",
        {"recency_days": [1, 2, 3, 4], "frequency_orders": [1, 2, 3, 4], "monetary_amounts": [1, 2, 3, 4]},
    ),
    ("clv.tiers.cuts", [0.01, 0.99], {}),
]


@pytest.mark.parametrize(("place", "value", "more"), EDGES)
def test_a_value_on_the_edge_is_allowed(place, value, more):
    found = read(load(place, value, **more), place)
    assert found == (tuple(value) if isinstance(value, list) else value)


BEYOND = [
    ("campaigns.first_share", 0.61, {"last_share": 0.4}),
    ("campaigns.first_share", 0, {"last_share": 0}),
    ("campaigns.first_share", -0.1, {}),
    ("campaigns.lookback_days", 0, {}),
    ("campaigns.half_life_days", 0, {}),
    ("clv.gross_margin", 0, {}),
    ("clv.gross_margin", 1.01, {}),
    ("channels.dominant_share", 0.5, {}),
    ("quarantine.stop_above_rate", 1.01, {}),
    ("quarantine.stop_above_rate", -0.01, {}),
    ("quarantine.at_least_rows", 0, {}),
    ("audiences.holdout", 0.91, {}),
    ("audiences.measure_days", 0, {}),
    ("audiences.personal", ["region"], {}),
    ("questions.golden_baskets.percentile", 1, {}),
    ("predictions.purchases.discount_rate", 1.01, {}),
    ("churn.window_days", 0, {}),
    ("churn.window_days", 2, {}),
    ("churn.low_days", 60, {"medium_days": 60}),
    ("churn.medium_days", 90, {"window_days": 90}),
    ("rfm.recency_days", [1, 2, 3, 4], {}),
    (
        "rfm.method",
        "threshold",
        {"recency_days": [1, 2, 2, 4], "frequency_orders": [1, 2, 3, 4], "monetary_amounts": [1, 2, 3, 4]},
    ),
    ("clv.tiers.cuts", [0, 0.5], {}),
    ("clv.tiers.cuts", [0.5, 1], {}),
    ("clv.tiers.cuts", [0.5, 0.5], {}),
    ("clv.tiers.cuts", [0.5], {}),
    ("clv.tiers.labels", ["A", "B"], {}),
    ("shop.currency", "usd", {}),
    ("shop.currency", "USDX", {}),
]


@pytest.mark.parametrize(("place", "value", "more"), BEYOND)
def test_a_value_beyond_the_edge_is_refused(place, value, more):
    with pytest.raises(ValidationError):
        load(place, value, **more)


@pytest.mark.parametrize(
    ("window", "limits"), [(89, (29, 59)), (60, (20, 40)), (3, (1, 2)), (90, (30, 60)), (120, (30, 60))]
)
def test_a_window_shorter_than_ninety_days_moves_the_limits_within_it(window, limits):
    churn = load("churn.window_days", window).churn
    assert (churn.low_days, churn.medium_days) == limits


def test_a_limit_that_is_set_stays_where_the_window_is_short():
    assert load("churn.window_days", 60, low_days=5).churn.low_days == 5


def test_guests_are_known_by_their_words_in_any_case_and_more_may_be_named():
    assert {"guest", "walk-in", "n/a", "0", "noreply@"} <= set(load().customers.guest_words)
    assert {"guest", "till 7"} <= set(load("customers.more_guests", [" Till 7 "]).customers.guest_words)
    assert load("customers.guests", []).customers.guest_words == ()
