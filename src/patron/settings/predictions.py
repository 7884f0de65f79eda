"""What is predicted, how often models are fitted anew, and when there is too little to say anything."""

from __future__ import annotations

from pydantic import Field

from patron.settings.base import Settings


class ChurnPrediction(Settings):
    """How likely customers buy nothing in the next 30, 60 and 90 days, learnt from what earlier ones did."""

    enabled: bool = Field(True, description="Whether this is predicted at all.")
    active_days: int = Field(
        365,
        gt=0,
        description="Only customers who bought in this many days are learnt from and predicted; the others have left.",
    )
    cutoffs: int = Field(
        12, ge=3, le=36, description="Most days in the past, 30 days apart, that the model looks ahead from to learn."
    )
    most_rows: int = Field(
        300_000, ge=1000, description="Most examples to learn from; of more, a sample of customers by their ids."
    )
    least_leavers: int = Field(
        100,
        ge=20,
        description="Fewer examples of who left, or of who stayed, to learn from or to judge by: nothing is predicted.",
    )
    most_drivers: int = Field(
        200_000, ge=0, description="Most customers whose drivers are told: those who spent most. Each takes 0.1 ms."
    )
    refit_after_days: int = Field(30, gt=0, description="Learnt again once as_of has moved this many days.")
    refit_growth: float = Field(
        0.1, gt=0, description="Learnt again once customers' days have grown by this share: 0.1 is a tenth."
    )


class Predictions(Settings):
    """What is likely, and learnt from the shop's own past."""

    churn: ChurnPrediction = Field(ChurnPrediction(), description="Who is about to leave.")
