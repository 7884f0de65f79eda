"""What is predicted, by which model, and when a model is fitted again."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from patron.project.settings.base import Settings


class Refit(Settings):
    """When a stored model is fitted again. Until then it scores, whatever lands."""

    after_days: int = Field(30, ge=1, description="as_of has moved by so many days since the fit.")
    growth: float = Field(0.1, gt=0, description="What it was fitted on has grown, or shrunk, by this share.")


class PurchasePredictions(Settings):
    """Expected purchases and predicted lifetime value."""

    model: Literal["auto", "bg_nbd", "mbg_nbd", "pareto_nbd"] = Field(
        "auto", description="auto: the best of the three on what was held out of the shop's own history."
    )
    horizon_days: int = Field(1095, ge=30, le=3650, description="How far `expected_purchases_horizon` looks.")
    discount_rate: float = Field(0.1, ge=0, le=1, description="A year's: what comes in a year is worth 1 / (1 + rate).")
    least_customers: int = Field(200, ge=10, description="Fewer buyers: nothing is predicted.")
    least_repeaters: int = Field(50, ge=5, description="Fewer who bought on another day: nothing is predicted.")
    least_days: int = Field(90, ge=14, description="A shorter history: nothing is predicted.")
    refit: Refit = Field(Refit(), description="When the model is fitted again.")


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
    refit: Refit = Field(Refit(), description="When it is learnt again.")


class Clusters(Settings):
    """Groups of customers who behave alike (docs/clusters.md)."""

    most_clusters: int = Field(8, ge=2, le=12, description="As many clusters are tried, from 2 up.")
    least_share: float = Field(
        0.03, ge=0, lt=0.5, description="A number of clusters is taken only where the smallest has this share (0 to 1)."
    )
    least_stability: float = Field(
        0.7, ge=0, le=1, description="... and where refitting finds them again: mean adjusted Rand index, at most 1."
    )
    sample_customers: int = Field(
        20_000, ge=100, description="Fitted on at most about so many customers, chosen by a hash of the id."
    )
    least_customers: int = Field(100, ge=10, description="With fewer customers who bought, nothing is fitted.")
    least_history_days: int = Field(60, gt=0, description="With fewer days since the first order, nothing is fitted.")
    refit: Refit = Field(Refit(), description="When clusters are fitted again.")

    @model_validator(mode="after")
    def _sample_fits(self) -> Clusters:
        if self.sample_customers < self.least_customers:
            said = f"sample_customers {self.sample_customers}, least_customers {self.least_customers}"
            raise ValueError(f"a sample cannot be smaller than what is needed to fit: {said}")
        return self


class Evaluation(Settings):
    """How the purchase models are judged on the shop's own past (docs/evaluation.md)."""

    horizon_days: int = Field(90, ge=7, description="Each forecast is of so many days, and held against what came.")
    origins: int = Field(
        3, ge=1, le=24, description="Judged from so many earlier days, each a horizon before the next."
    )
    least_history_days: int = Field(120, gt=0, description="A day to judge from has so many days of purchases before.")
    least_customers: int = Field(100, ge=2, description="... and so many customers who had bought by then.")
    least_repeaters: int = Field(30, ge=1, description="... of whom so many had bought on a second day.")


class Predictions(Settings):
    """What is likely, from what was."""

    purchases: PurchasePredictions = Field(PurchasePredictions(), description="Purchases and lifetime value.")
    churn: ChurnPrediction = Field(ChurnPrediction(), description="Who is about to leave.")
    clusters: Clusters = Field(Clusters(), description="Groups of customers who behave alike.")
    evaluation: Evaluation = Field(Evaluation(), description="How the purchase models are judged.")
