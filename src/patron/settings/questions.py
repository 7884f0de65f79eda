"""Settings of the business questions: patron.yaml's `questions`, one section a question."""

from __future__ import annotations

from pydantic import Field

from patron.settings.base import Settings
from patron.settings.basket_questions import BasketShift, LoyaltyUplift, ProductAffinity


class Questions(Settings):
    """Windows and thresholds of the business questions."""

    product_affinity: ProductAffinity = Field(ProductAffinity(), description="Which products are bought together.")
    loyalty_uplift: LoyaltyUplift = Field(LoyaltyUplift(), description="What becomes of who reaches many orders.")
    basket_shift: BasketShift = Field(BasketShift(), description="Whose basket shrank.")
