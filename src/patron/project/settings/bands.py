"""Labels for ranges of a number: age, income, price and others."""

from __future__ import annotations

from pydantic import Field, model_validator

from patron.project.settings.base import NotBlank, Settings


class Bands(Settings):
    """Labels for ranges of a number. A value below a cut has the label before it."""

    cuts: tuple[float, ...] = Field(description="Increasing; the first value of every band but the lowest.")
    labels: tuple[NotBlank, ...] = Field(description="One more than the cuts, lowest first.")

    @model_validator(mode="after")
    def _check_labels(self) -> Bands:
        check_cuts(self.cuts, self.labels)
        return self


def check_cuts(cuts: tuple[float, ...], labels: tuple[str, ...]) -> None:
    """Raise ValueError unless cuts increase and there is one more label than cuts, all different."""
    if len(labels) != len(cuts) + 1:
        raise ValueError(f"{len(cuts)} cuts need {len(cuts) + 1} labels; there are {len(labels)}")
    if list(cuts) != sorted(set(cuts)):
        raise ValueError(f"cuts must increase; they are {list(cuts)}")
    if len(set(labels)) != len(labels):
        raise ValueError(f"labels must differ; they are {list(labels)}")


class AllBands(Settings):
    """The bands of customers, products, deliveries and hours."""

    age_years: Bands = Field(
        Bands(cuts=(25, 35, 45, 55, 65), labels=("Under 25", "25-34", "35-44", "45-54", "55-64", "65+")),
        description="age_band of a customer.",
    )
    income_amount: Bands = Field(
        Bands(cuts=(3000, 5000, 7500), labels=("Low", "Medium", "High", "Premium")),
        description="income_band of a customer, by monthly income.",
    )
    credit_score: Bands = Field(
        Bands(cuts=(650, 700, 750), labels=("Poor", "Fair", "Good", "Excellent")),
        description="credit_band of a customer.",
    )
    list_price: Bands = Field(
        Bands(cuts=(100, 250, 400), labels=("Budget", "Mid-range", "Premium", "Luxury")),
        description="price_tier of a product.",
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
