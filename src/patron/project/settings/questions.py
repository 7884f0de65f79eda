"""Settings of the business questions: patron.yaml's `questions`, one section a question."""

from __future__ import annotations

from pydantic import Field

from patron.project.settings.base import Settings
from patron.project.settings.basket_questions import BasketShift, LoyaltyUplift, ProductAffinity
from patron.project.settings.customer_questions import CohortRetention, GoldenBaskets, LapsedTopSpenders


class Questions(Settings):
    """Windows and thresholds of the business questions."""

    cohort_retention: CohortRetention = Field(CohortRetention(), description="Who came back.")
    lapsed_top_spenders: LapsedTopSpenders = Field(LapsedTopSpenders(), description="Best customers who fell silent.")
    golden_baskets: GoldenBaskets = Field(GoldenBaskets(), description="Large orders from many departments.")
    product_affinity: ProductAffinity = Field(ProductAffinity(), description="Which products are bought together.")
    loyalty_uplift: LoyaltyUplift = Field(LoyaltyUplift(), description="What becomes of who reaches many orders.")
    basket_shift: BasketShift = Field(BasketShift(), description="Whose basket shrank.")
