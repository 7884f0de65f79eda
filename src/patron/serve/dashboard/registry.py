"""The registry of pages, in the order of the menu."""

from __future__ import annotations

import importlib

from patron.serve.dashboard.page import Page

NAMES = {
    "Shop": ("overview", "products", "promotions", "campaigns", "places_and_times", "reviews_and_delivery"),
    "Customers": ("customers", "segments", "lifetime_value", "churn_and_retention", "engagement"),
    "patron": ("data_health",),
}
"""Menu heading -> modules of patron.serve.dashboard.pages."""

FIRST = "overview"
"""The page that opens by default."""


def load_pages() -> dict[str, list[Page]]:
    """Load the pages: menu heading -> its pages."""
    return {heading: [_load_page(name) for name in names] for heading, names in NAMES.items()}


def _load_page(name: str) -> Page:
    page: Page = importlib.import_module(f"patron.serve.dashboard.pages.{name}").PAGE
    return page
