"""Labels of the values in the tables of reviews, deliveries and surveys."""

from __future__ import annotations

from patron.serve.dashboard.widgets.labels import label

_FACTORS = {
    "courier_age": "Courier age",
    "courier_rating": "Courier rating",
    "delivery_minutes": "Minutes to deliver",
    "preparation_minutes": "Minutes to prepare",
    "distance_km": "Distance",
    "festival": "Public holiday",
    "multiple_deliveries": "Deliveries per trip",
    "city_type": "Type of city",
    "day_part": "Time of day",
}


def label_factor(name: str) -> str:
    """Return the label of a factor that deliveries differ by."""
    return _FACTORS.get(name) or label(name)


def label_value(text: str) -> str:
    """Return the label of a factor's value, or of an answer."""
    return "Unknown" if text == "unknown" else text.replace("_", " ")
