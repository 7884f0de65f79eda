"""Shops that several files of tests look at, each built once."""

from __future__ import annotations

import pytest

from shops import corner, delivery
from shops.building import BuiltShop


@pytest.fixture(scope="session")
def corner_shop(build_shop) -> BuiltShop:
    """The corner shop by the settings that patron starts with."""
    return build_shop("corner", corner.settings(), corner.FILES)


@pytest.fixture(scope="session")
def corner_earlier(build_shop) -> BuiltShop:
    """Measured at 06-01, with other settings: what came later is cut away, the day itself counts."""
    settings = corner.settings(
        as_of="2024-06-01",
        rfm={"method": "ntile"},
        clv={"gross_margin": 0.5, "tenure_unit": "months"},
        churn={"low_days": 10, "medium_days": 30, "window_days": 60},
    )
    return build_shop("corner_earlier", settings, corner.FILES)


@pytest.fixture(scope="session")
def delivery_shop(build_shop) -> BuiltShop:
    """Deliveries, couriers, places, a survey and reviews."""
    return build_shop("delivery", delivery.settings(), delivery.FILES)
