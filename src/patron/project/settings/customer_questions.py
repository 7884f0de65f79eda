"""Settings of the questions about customers: who comes back, who fell silent, whose baskets are golden."""

from __future__ import annotations

from pydantic import Field

from patron.project.settings.base import Settings


class CohortRetention(Settings):
    """Who came back, by the month of the first order (docs/questions/cohort_retention.md)."""

    pivoted_months: int = Field(
        12, ge=1, le=60, description="gold.cohort_retention_pivoted has a column for each month up to this one."
    )


class LapsedTopSpenders(Settings):
    """Best customers who fell silent (docs/questions/lapsed_top_spenders.md)."""

    percentile: float = Field(
        0.8, ge=0, lt=1, description="Top spenders: net_amount at or above this percentile of all customers' (0 to 1)."
    )
    inactive_days: int = Field(90, gt=0, description="Lapsed: days_since_last_order of at least this.")


class GoldenBaskets(Settings):
    """Customers with large orders from many departments (docs/questions/golden_baskets.md)."""

    percentile: float = Field(
        0.9,
        ge=0,
        lt=1,
        description="Golden: average_order_value at or above this percentile (0 to 1) of customers with least_orders.",
    )
    least_orders: int = Field(2, gt=0, description="Customers with fewer orders are neither golden nor compared with.")
    least_departments: int = Field(
        3, gt=0, description="Golden: bought from at least this many departments (categories, where none are mapped)."
    )
