"""The churn window, and the limits of churn risk."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from patron.project.settings.base import Settings


class Churn(Settings):
    """The number of days without an order after which a customer is at risk, or churned."""

    window_days: int = Field(
        90, gt=0, description="The churn window: is_churned is true with more days since the last order than this."
    )
    low_days: int = Field(
        30,
        gt=0,
        description="Risk is Low up to this many days since the last order. Unset: 30, or a third of a shorter window "
        "than 90.",
    )
    medium_days: int = Field(
        60,
        gt=0,
        description="Risk is Medium up to this many days, and High up to window_days. Unset: 60, or two thirds of a "
        "shorter window than 90.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fit_into_window(cls, given: Any) -> Any:
        """Let the limits that are not set follow a short window, so that it can be set alone."""
        window = given.get("window_days") if isinstance(given, dict) else None
        if type(window) is not int or not 3 <= window < 90:
            return given
        return {"low_days": window // 3, "medium_days": 2 * window // 3, **given}

    @model_validator(mode="after")
    def _check_limits(self) -> Churn:
        if not self.low_days < self.medium_days < self.window_days:
            limits = f"low_days {self.low_days}, medium_days {self.medium_days}, window_days {self.window_days}"
            raise ValueError(f"the limits must increase: {limits}")
        return self
