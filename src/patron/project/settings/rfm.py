"""RFM scoring: the method and its thresholds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from patron.project.settings.base import Settings


class Rfm(Settings):
    """The scoring of recency, frequency and monetary value, 1 to 5; 5 is best on all three."""

    method: Literal["quantile", "threshold", "ntile"] = Field(
        "quantile",
        description="quantile: equal values get equal scores. threshold: by the limits below. ntile: groups of equal "
        "size, with ties "
        "broken by customer id.",
    )
    recency_days: tuple[int, ...] = Field(
        (), description="Only with threshold: four increasing limits in days; up to each scores 5, 4, 3, 2."
    )
    frequency_orders: tuple[int, ...] = Field(
        (), description="Only with threshold: four increasing limits; from each on scores 2, 3, 4, 5."
    )
    monetary_amounts: tuple[float, ...] = Field(
        (), description="Only with threshold: four increasing limits; from each on scores 2, 3, 4, 5."
    )

    @model_validator(mode="after")
    def _check_thresholds(self) -> Rfm:
        for name in ("recency_days", "frequency_orders", "monetary_amounts"):
            limits = getattr(self, name)
            if self.method != "threshold" and limits:
                raise ValueError(f"{name} is given, but method is {self.method}; it belongs to method: threshold")
            if self.method == "threshold" and (len(limits) != 4 or list(limits) != sorted(set(limits))):
                raise ValueError(f"method: threshold needs {name} as four increasing limits; it has {list(limits)}")
        return self
