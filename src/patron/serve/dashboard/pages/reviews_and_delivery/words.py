"""What a reader calls the values of the tables of reviews, deliveries and surveys."""

from __future__ import annotations

from patron.serve.dashboard.widgets.labels import label

_FACTORS = {
    "courier_age": "Age of the courier",
    "courier_rating": "Rating of the courier",
    "delivery_minutes": "Minutes to deliver",
    "preparation_minutes": "Minutes to prepare",
    "distance_km": "Distance",
    "festival": "Feast day",
    "multiple_deliveries": "Deliveries on one way",
    "city_type": "Kind of city",
    "day_part": "Part of the day",
}


def factor(name: str) -> str:
    """What deliveries differ by."""
    return _FACTORS.get(name) or label(name)


def value(text: str) -> str:
    """A value of it, or an answer."""
    return "Not said" if text == "unknown" else text.replace("_", " ")
