"""Settings of deliveries and surveys."""

from __future__ import annotations

from pydantic import Field

from patron.project.settings.base import Settings


class Deliveries(Settings):
    """Deliveries."""

    follow_up_days: int = Field(
        30,
        gt=0,
        description="Repeat purchase: bought again within this many days of the first delivery's order; for the last "
        "delivery before them, in so many last days.",
    )


class Surveys(Settings):
    """The attributes of customers that become segments. An answer that few customers gave could identify them."""

    most_answers: int = Field(
        30, gt=0, description="An attribute with more distinct answers, such as a postcode, becomes no segments."
    )
    least_customers: int = Field(5, gt=0, description="An answer that fewer customers gave is not shown.")
