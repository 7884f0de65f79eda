"""Shops that several files of tests look at, each built once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from patron.serve.query import ask
from shops import corner, delivery, questions_a, questions_b
from shops.building import BuiltShop


@pytest.fixture(scope="session")
def corner_shop(build_once) -> BuiltShop:
    """The corner shop by the settings that patron starts with."""
    return build_once("corner", corner.settings(), corner.FILES)


@pytest.fixture(scope="session")
def corner_earlier(build_once) -> BuiltShop:
    """Measured at 06-01, with other settings: what came later is cut away, the day itself counts."""
    settings = corner.settings(
        as_of="2024-06-01",
        rfm={"method": "ntile"},
        clv={"gross_margin": 0.5, "tenure_unit": "months"},
        churn={"low_days": 10, "medium_days": 30, "window_days": 60},
    )
    return build_once("corner_earlier", settings, corner.FILES)


@pytest.fixture(scope="session")
def questions_a_shop(build_once) -> BuiltShop:
    """Cohorts, gaps, lapsed best customers, first orders and golden baskets by hand."""
    return build_once("questions_a", questions_a.settings(), questions_a.FILES)


@pytest.fixture(scope="session")
def grocer(build_once) -> BuiltShop:
    """The grocer of the questions of baskets, places, loyalty and categories."""
    return build_once("grocer", questions_b.settings(), questions_b.FILES)


@pytest.fixture(scope="session")
def stall(build_once) -> BuiltShop:
    """A stall that knows days only, and takes nothing back."""
    return build_once("stall", *questions_b.stall())


@pytest.fixture(scope="session")
def answer_to() -> Callable[[BuiltShop, str], list[dict[str, Any]]]:
    """The rows of a question's saved query, asked of the published tables."""

    def answered(shop: BuiltShop, name: str) -> list[dict[str, Any]]:
        return ask(shop.project, saved_query(name)).records()

    return answered


def saved_query(name: str) -> str:
    return resources.files("patron").joinpath("serve", "questions", f"{name}.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def delivery_shop(build_once) -> BuiltShop:
    """Deliveries, couriers, places, a survey and reviews."""
    return build_once("delivery", delivery.settings(), delivery.FILES)
