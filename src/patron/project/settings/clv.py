"""Customer lifetime value by formula, and its tiers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from patron.project.settings.bands import check_cuts
from patron.project.settings.base import NotBlank, Settings


class Tiers(Settings):
    """The tiers of customer value, lowest first."""

    measure: Literal["historical_clv", "formula_clv_profit", "formula_clv_revenue"] = Field(
        "historical_clv",
        description="What decides the tier: the value to date, or a formula, which multiplies it by the time "
        "since the first order and so ranks old customers before good ones.",
    )
    by: Literal["percentile", "amount"] = Field(
        "percentile", description="What the cuts are: percentiles of all customers, or amounts."
    )
    cuts: tuple[float, ...] = Field(
        (0.33, 0.66), description="Increasing; a value below a cut belongs to the tier before it."
    )
    labels: tuple[NotBlank, ...] = Field(("Low", "Medium", "High"), description="One more than the cuts, lowest first.")

    @model_validator(mode="after")
    def _check_labels(self) -> Tiers:
        check_cuts(self.cuts, self.labels)
        if self.by == "percentile" and not all(0 < cut < 1 for cut in self.cuts):
            raise ValueError(f"percentile cuts lie between 0 and 1; they are {list(self.cuts)}")
        return self


class Clv(Settings):
    """Customer lifetime value by formula."""

    gross_margin: float = Field(0.3, gt=0, le=1, description="Share of net_amount that is margin, 0 to 1.")
    tenure_unit: Literal["days", "weeks", "months", "years"] = Field(
        "years", description="Unit of tenure in formula_clv: days, 7 days, 365/12 days, 365 days."
    )
    tiers: Tiers = Field(Tiers(), description="The tiers of customer value.")
    run_rate_least_days: int = Field(
        365,
        gt=0,
        description="A run rate is null until so many days after the first order: part of a year, continued, takes its "
        "season, and a newcomer's one order, for the whole year's.",
    )
