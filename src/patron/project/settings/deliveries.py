"""How deliveries, reviews and surveys are read."""

from __future__ import annotations

from pydantic import Field, model_validator

from patron.project.settings.base import Settings


class Deliveries(Settings):
    """Deliveries, and the places between which they go."""

    follow_up_days: int = Field(
        30, gt=0, description="Repeat purchase: bought again within this many days of the delivery's order."
    )
    location_decimals: int = Field(
        4,
        ge=0,
        le=7,
        description="Points whose coordinates agree to so many decimals are one place: 4 are about 11 metres.",
    )


class Reviews(Settings):
    """How a review's sentiment score, -1 to 1, becomes a word. The limits are those that VADER's authors use."""

    positive_from: float = Field(0.05, ge=-1, le=1, description="Scores from here on are positive.")
    negative_to: float = Field(-0.05, ge=-1, le=1, description="Scores down from here are negative.")

    @model_validator(mode="after")
    def _limits_differ(self) -> Reviews:
        if self.negative_to >= self.positive_from:
            raise ValueError(f"negative_to {self.negative_to} is not below positive_from {self.positive_from}")
        return self


class Surveys(Settings):
    """Which attributes of customers become segments. What few people say could tell who they are."""

    most_answers: int = Field(
        30, gt=0, description="An attribute with more different answers, such as a postcode, makes no segments."
    )
    least_customers: int = Field(5, gt=0, description="An answer of fewer customers is not shown.")
