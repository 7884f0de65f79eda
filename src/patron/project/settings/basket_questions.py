"""Settings of the business questions about baskets, places and categories: patron.yaml's `questions`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import Settings


class ProductAffinity(Settings):
    """Which products are bought together."""

    partners: int = Field(5, gt=0, le=100, description="Most partners of a product that are told.")
    window_days: int | None = Field(
        None, gt=0, description="Only orders of this many days up to as_of are looked at; all, if unset."
    )
    largest_basket: int = Field(
        100,
        ge=2,
        le=1000,
        description="Orders with more different products than this are left out: a wholesaler's order says little "
        "about what goes together, and an order of n products makes n(n - 1)/2 pairs.",
    )
    least_product_baskets: int = Field(
        10, gt=0, description="Products in fewer orders than this are left out, after the largest orders are."
    )
    least_pair_baskets: int = Field(
        5, gt=0, description="Pairs that share fewer orders than this are left out, whatever else speaks for them."
    )
    significance: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Chance, over all pairs of the products looked at together, that any pair is told that only "
        "chance put together.",
    )


class LoyaltyUplift(Settings):
    """What becomes of customers who reach many orders."""

    orders: int = Field(10, gt=0, le=1000, description="A customer crosses with the first order after this many.")
    early_days: int = Field(
        30, gt=0, le=366, description="Customers are alike by their orders and spend in this many days from the first."
    )
    window_days: int = Field(
        28, gt=0, le=366, description="Spend is compared in the window before and the window after the crossing's."
    )


class BasketShift(Settings):
    """Whose basket shrank between early and recent orders."""

    orders: int = Field(
        3,
        gt=0,
        le=1000,
        description="Early orders are the first this many, recent ones the last this many. Who has fewer than twice "
        "as many orders is not judged.",
    )
    least_drop: float = Field(
        0.2, ge=0, lt=1, description="A basket that dropped by more than this share is shrinking, 0 to 1."
    )
    size: Literal["pieces", "amount"] = Field(
        "pieces", description="What an order is measured by: its pieces, or its amount after line discounts."
    )
