"""Settings of the business questions: patron.yaml's `questions`, one section a question (docs/questions)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import Settings


class CohortRetention(Settings):
    """Customers who buy again, by the month of the first order (docs/questions/cohort_retention.md)."""

    pivoted_months: int = Field(
        12, ge=1, le=60, description="gold.cohort_retention_pivoted has a column for each month up to this one."
    )


class LapsedTopSpenders(Settings):
    """Top spenders who stopped buying (docs/questions/lapsed_top_spenders.md)."""

    percentile: float = Field(
        0.8, ge=0, lt=1, description="Top spenders: net_amount at or above this percentile of all customers (0 to 1)."
    )
    inactive_days: int = Field(90, gt=0, description="Lapsed: at least this many days since the last order.")


class GoldenBaskets(Settings):
    """Customers with large orders from many departments (docs/questions/golden_baskets.md)."""

    percentile: float = Field(
        0.9,
        ge=0,
        lt=1,
        description="Golden: average_order_value at or above this percentile (0 to 1) of customers with least_orders.",
    )
    least_orders: int = Field(2, gt=0, description="Customers with fewer orders are left out of the comparison.")
    least_departments: int = Field(
        3, gt=0, description="Golden: bought from at least this many departments (categories, if none are mapped)."
    )


class ProductAffinity(Settings):
    """Products that are bought together (docs/questions/product_affinity.md)."""

    partners: int = Field(5, gt=0, le=100, description="Maximum number of partners listed for each product.")
    window_days: int | None = Field(
        None, gt=0, description="Only orders in this many days up to as_of are used; all, if unset."
    )
    largest_basket: int = Field(
        100,
        ge=2,
        le=1000,
        description="Orders with more distinct products than this are left out: a wholesaler's order says little "
        "about which products go together, and an order of n products makes n(n - 1)/2 pairs.",
    )
    least_product_baskets: int = Field(
        10, gt=0, description="Products in fewer orders than this are left out, after the largest orders are."
    )
    least_pair_baskets: int = Field(
        5, gt=0, description="Pairs that appear together in fewer orders than this are left out."
    )
    least_pair_customers: int = Field(
        5,
        gt=0,
        description="Pairs that fewer customers buy together are left out: a household, a member of staff or an office "
        "that shares a card explains a few. Each guest's order is a customer.",
    )
    significance: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Family-wise error rate: the probability that any listed pair is together by chance alone.",
    )


class LoyaltyUplift(Settings):
    """The change of customers after many orders (docs/questions/loyalty_uplift.md)."""

    orders: int = Field(10, gt=0, le=1000, description="A customer crosses with the first order after this many.")
    early_days: int = Field(
        30,
        gt=0,
        le=366,
        description="Customers are matched on orders and spend in this many days from the first order.",
    )
    window_days: int = Field(
        28, gt=0, le=366, description="Spend is compared in windows of this many days before and after the crossing."
    )


class BasketShift(Settings):
    """Whose baskets shrank between early and recent orders (docs/questions/basket_shift.md)."""

    orders: int = Field(
        3,
        gt=0,
        le=1000,
        description="Number of first orders, and of last orders, that are compared. Customers with fewer than twice "
        "as many orders are left out.",
    )
    least_drop: float = Field(
        0.2, ge=0, lt=1, description="A basket that shrank by more than this share counts as shrinking, 0 to 1."
    )
    size: Literal["pieces", "amount"] = Field(
        "pieces", description="How an order is measured: by its pieces, or by its amount after line discounts."
    )


class Questions(Settings):
    """Windows and thresholds of the business questions."""

    cohort_retention: CohortRetention = Field(CohortRetention(), description="Who buys again.")
    lapsed_top_spenders: LapsedTopSpenders = Field(LapsedTopSpenders(), description="Top spenders who stopped buying.")
    golden_baskets: GoldenBaskets = Field(GoldenBaskets(), description="Large orders from many departments.")
    product_affinity: ProductAffinity = Field(ProductAffinity(), description="Which products are bought together.")
    loyalty_uplift: LoyaltyUplift = Field(LoyaltyUplift(), description="How customers change after many orders.")
    basket_shift: BasketShift = Field(BasketShift(), description="Whose baskets shrank.")
