"""How lines are classified and customers scored and labelled: the business rules of patron.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from patron.project.settings.base import NotBlank, Settings, Words


class Rules(Settings):
    """Rule files. A bare name is a set that ships with patron; anything with a dot or slash is a file of yours."""

    line_kinds: str = Field(
        "default", description="Ordered rules: sale, return, discount, ... (default, online_retail)."
    )
    countries: str = Field("default", description="Raw country to country; blank means unknown.")
    segments: str = Field("nine", description="RFM scores to segment: nine, thirteen, or a file.")
    exact_duplicates: Literal["keep", "drop"] = Field("keep", description="Rows alike in every column: count or drop.")


class Orders(Settings):
    """Which orders count."""

    spend_statuses: Words = Field(
        ("completed",),
        description="States of an order that count as spend, in any case. A line without a status counts; one with "
        "another status is kept, as not_completed.",
    )


class Rfm(Settings):
    """How recency, frequency and monetary scores are given; 5 is best on all three."""

    method: Literal["quantile", "threshold", "ntile"] = Field(
        "quantile", description="quantile: equal values, equal scores. ntile: equal groups, ties by customer id."
    )
    recency_days: tuple[int, ...] = Field(
        (), description="threshold only: four rising limits in days; at most = 5, 4, 3, 2."
    )
    frequency_orders: tuple[int, ...] = Field(
        (), description="threshold only: four rising limits; at least = 2, 3, 4, 5."
    )
    monetary_amounts: tuple[float, ...] = Field(
        (), description="threshold only: four rising limits; at least = 2, 3, 4, 5."
    )

    @model_validator(mode="after")
    def _thresholds_fit_method(self) -> Rfm:
        for name in ("recency_days", "frequency_orders", "monetary_amounts"):
            limits = getattr(self, name)
            if self.method != "threshold" and limits:
                raise ValueError(f"{name} is given, but method is {self.method}; it belongs to method: threshold")
            if self.method == "threshold" and (len(limits) != 4 or list(limits) != sorted(set(limits))):
                raise ValueError(f"method: threshold needs {name} as four rising limits; it has {list(limits)}")
        return self


class Bands(Settings):
    """Names for ranges of a number. A value below a cut belongs to the label before it."""

    cuts: tuple[float, ...] = Field(description="Rising; the first value of each band but the lowest.")
    labels: tuple[NotBlank, ...] = Field(description="One more than cuts, lowest first.")

    @model_validator(mode="after")
    def _labels_fit_cuts(self) -> Bands:
        check_cuts(self.cuts, self.labels)
        return self


def check_cuts(cuts: tuple[float, ...], labels: tuple[str, ...]) -> None:
    """Raise ValueError unless cuts rise and labels are one more, each different."""
    if len(labels) != len(cuts) + 1:
        raise ValueError(f"{len(cuts)} cuts need {len(cuts) + 1} labels; there are {len(labels)}")
    if list(cuts) != sorted(set(cuts)):
        raise ValueError(f"cuts must rise; they are {list(cuts)}")
    if len(set(labels)) != len(labels):
        raise ValueError(f"labels must differ; they are {list(labels)}")


class AllBands(Settings):
    """The bands of what is known of customers and articles."""

    age_years: Bands = Field(
        Bands(cuts=(25, 35, 45, 55, 65), labels=("Under 25", "25-34", "35-44", "45-54", "55-64", "65+")),
        description="age_band of a customer.",
    )
    income_amount: Bands = Field(
        Bands(cuts=(3000, 5000, 7500), labels=("Low", "Medium", "High", "Premium")),
        description="income_band of a customer, by income a month.",
    )
    credit_score: Bands = Field(
        Bands(cuts=(650, 700, 750), labels=("Poor", "Fair", "Good", "Excellent")),
        description="credit_band of a customer.",
    )
    list_price: Bands = Field(
        Bands(cuts=(100, 250, 400), labels=("Budget", "Mid-range", "Premium", "Luxury")),
        description="price_tier of an article.",
    )
    order_count: Bands = Field(
        Bands(cuts=(1, 5, 10), labels=("None", "Low", "Medium", "High")),
        description="engagement_level of a customer, by orders to date.",
    )
    visits_per_week: Bands = Field(
        Bands(cuts=(1, 3), labels=("Occasional", "Regular", "Frequent")),
        description="visit_frequency of a customer.",
    )
    delivery_minutes: Bands = Field(
        Bands(cuts=(20, 30, 45), labels=("Under 20 min", "20-29 min", "30-44 min", "45 min or more")),
        description="How long a delivery took.",
    )
    preparation_minutes: Bands = Field(
        Bands(cuts=(10, 15), labels=("Under 10 min", "10-14 min", "15 min or more")),
        description="How long an order waited for its courier.",
    )
    distance_km: Bands = Field(
        Bands(cuts=(3, 7, 12), labels=("Under 3 km", "3-7 km", "7-12 km", "12 km or more")),
        description="How far a delivery went.",
    )
    courier_rating: Bands = Field(
        Bands(cuts=(4, 4.5, 4.8), labels=("Below 4", "4.0-4.4", "4.5-4.7", "4.8 or more")),
        description="How a courier is rated.",
    )
    hour_of_day: Bands = Field(
        Bands(
            cuts=(5, 11, 14, 17, 21),
            labels=("Night", "Morning", "Midday", "Afternoon", "Evening", "Late evening"),
        ),
        description="day_part of an hour, 0 to 23.",
    )


class Tiers(Settings):
    """The labels of customer value, lowest first."""

    measure: Literal["formula_clv_profit", "formula_clv_revenue", "historical_clv"] = Field(
        "formula_clv_profit", description="What is ranked or compared."
    )
    by: Literal["percentile", "amount"] = Field("percentile", description="What the cuts mean.")
    cuts: tuple[float, ...] = Field(
        (0.33, 0.66), description="Rising; a value below a cut belongs to the tier before it."
    )
    labels: tuple[NotBlank, ...] = Field(("Low", "Medium", "High"), description="One more than cuts, lowest first.")

    @model_validator(mode="after")
    def _labels_fit_cuts(self) -> Tiers:
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
    tiers: Tiers = Field(Tiers(), description="The labels of customer value.")
    run_rate_least_days: int = Field(
        30, gt=0, description="A run rate is of at least this many days, so that one order yesterday is no rate."
    )


class Churn(Settings):
    """When a silent customer counts as gone."""

    window_days: int = Field(90, gt=0, description="is_churned: days_since_last_order above this.")
    low_days: int = Field(30, gt=0, description="Risk Low up to this many days.")
    medium_days: int = Field(60, gt=0, description="Risk Medium up to this many days; High up to window_days.")

    @model_validator(mode="after")
    def _in_order(self) -> Churn:
        if not self.low_days < self.medium_days < self.window_days:
            said = f"low_days {self.low_days}, medium_days {self.medium_days}, window_days {self.window_days}"
            raise ValueError(f"the limits must rise: {said}")
        return self
