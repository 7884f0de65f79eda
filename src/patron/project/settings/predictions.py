"""Settings of the predictions: their models, and when these are fitted again."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from patron.project.settings.base import Settings

Covariate = Literal["channel", "campaign", "region", "country", "gender", "category"]
"""What is known of a customer at the first order, as in predictions.covariate_profiles."""


class Refit(Settings):
    """The conditions for fitting a stored model again. Until then it scores all new data."""

    after_days: int = Field(30, ge=1, description="Fit again when as_of has moved this many days since the last fit.")
    growth: float = Field(
        0.1, gt=0, description="Fit again when the number of customers has changed by this share since the last fit."
    )


class MonthlyPaces(Settings):
    """How often customers buy in each month, per day and relative to the other months: 2 is twice as often as 1."""

    january: float = Field(gt=0, description="January's.")
    february: float = Field(gt=0, description="February's.")
    march: float = Field(gt=0, description="March's.")
    april: float = Field(gt=0, description="April's.")
    may: float = Field(gt=0, description="May's.")
    june: float = Field(gt=0, description="June's.")
    july: float = Field(gt=0, description="July's.")
    august: float = Field(gt=0, description="August's.")
    september: float = Field(gt=0, description="September's.")
    october: float = Field(gt=0, description="October's.")
    november: float = Field(gt=0, description="November's.")
    december: float = Field(gt=0, description="December's.")


class PurchasePredictions(Settings):
    """Expected purchases and predicted lifetime value."""

    model: Literal["auto", "bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd"] = Field(
        "auto", description="auto: the best of the four on test periods of the shop's own history."
    )
    season: MonthlyPaces | None = Field(
        None,
        description="How often customers buy in each month, if the shop knows it. Otherwise a season is learned where "
        "the history is longer than a year, and used if it forecasts better.",
    )
    horizon_days: int = Field(
        1095, ge=30, le=3650, description="How many days ahead `expected_purchases_horizon` counts."
    )
    discount_rate: float = Field(
        0.1, ge=0, le=1, description="Annual: revenue in one year is discounted by 1 / (1 + rate)."
    )
    lifetime_years: int = Field(
        5,
        ge=1,
        le=30,
        description="Where `residual_clv` and `total_clv` end: nobody knows what customers do later.",
    )
    covariates: tuple[Covariate, ...] = Field(
        ("channel", "campaign", "region", "country", "gender", "category"),
        description="Of these facts of the first order, those that the shop maps are compared in `covariate_effects`; "
        "[] for none.",
    )
    least_customers: int = Field(200, ge=10, description="With fewer customers who bought, nothing is predicted.")
    least_repeaters: int = Field(50, ge=5, description="With fewer repeat customers, nothing is predicted.")
    least_days: int = Field(90, ge=14, description="With a shorter history, nothing is predicted.")
    refit: Refit = Field(Refit(), description="When the model is fitted again.")


class ChurnPrediction(Settings):
    """The probability that a customer buys nothing in the next 30, 60 and 90 days."""

    enabled: bool = Field(True, description="Whether churn is predicted.")
    active_days: int = Field(
        365,
        gt=0,
        description="Only customers who bought in this many days are trained on; the purchase model scores the others.",
    )
    cutoffs: int = Field(
        12, ge=3, le=36, description="Maximum number of past cutoff dates, 30 days apart, to train on."
    )
    most_rows: int = Field(
        300_000,
        ge=1000,
        description="Maximum number of training rows; beyond it, a sample of customers chosen by a hash of their ids.",
    )
    least_leavers: int = Field(
        100,
        ge=20,
        description="With fewer examples of customers who churned, or who stayed, to train on or to test on, nothing "
        "is predicted.",
    )
    most_drivers: int = Field(
        200_000, ge=0, description="Maximum number of customers who get drivers, top spenders first. Each takes 0.1 ms."
    )
    refit: Refit = Field(Refit(), description="When the model is fitted again.")


class Clusters(Settings):
    """Groups of customers with similar behaviour (docs/clusters.md)."""

    most_clusters: int = Field(8, ge=2, le=12, description="Numbers of clusters from 2 up to this are tried.")
    least_share: float = Field(
        0.03,
        ge=0,
        lt=0.5,
        description="A number of clusters is chosen only if the smallest has at least this share of customers (0 to "
        "1).",
    )
    least_stability: float = Field(
        0.7,
        ge=0,
        le=1,
        description="... and only if refitting finds the same clusters: mean adjusted Rand index, at most 1.",
    )
    sample_customers: int = Field(
        20_000,
        ge=100,
        description="Clusters are fitted on about this many customers at most, chosen by a hash of the id.",
    )
    least_customers: int = Field(100, ge=10, description="With fewer customers who bought, nothing is fitted.")
    least_history_days: int = Field(60, gt=0, description="With fewer days since the first order, nothing is fitted.")
    refit: Refit = Field(Refit(), description="When clusters are fitted again.")

    @model_validator(mode="after")
    def _sample_fits(self) -> Clusters:
        if self.sample_customers < self.least_customers:
            values = f"sample_customers {self.sample_customers}, least_customers {self.least_customers}"
            raise ValueError(f"a sample cannot be smaller than what is needed to fit: {values}")
        return self


class Evaluation(Settings):
    """The evaluation of the purchase models on the shop's own history (docs/evaluation.md)."""

    horizon_days: int = Field(
        90, ge=7, description="Days in a test period, whose forecast is compared with what was observed."
    )
    origins: int = Field(
        3, ge=1, le=24, description="Number of earlier cutoff dates to forecast from, each one horizon before the next."
    )
    least_history_days: int = Field(
        90, gt=0, description="A cutoff date needs at least this many days of purchases before it,"
    )
    least_customers: int = Field(100, ge=2, description="... at least this many customers who had bought by then,")
    least_repeaters: int = Field(30, ge=1, description="... and at least this many repeat customers among them.")


class Predictions(Settings):
    """The predictions and their models."""

    purchases: PurchasePredictions = Field(PurchasePredictions(), description="Purchases and lifetime value.")
    churn: ChurnPrediction = Field(ChurnPrediction(), description="Who is likely to churn.")
    clusters: Clusters = Field(Clusters(), description="Groups of customers with similar behaviour.")
    evaluation: Evaluation = Field(Evaluation(), description="How the purchase models are evaluated.")
