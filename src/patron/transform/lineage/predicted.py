"""Which models the tables of predictions are fitted on and scored by: Python writes them, so no SQL says it."""

from __future__ import annotations

_PURCHASES = ("predictions.purchase_cells", "measures.wash_out")
_SPEND = ("predictions.spend_cells", "measures.wash_out")
_CHURN = (
    "predictions.churn_features",
    "predictions.churn_training",
    "predictions.churn_cutoffs",
    "measures.day_measures",
)
_CLUSTERS = ("measures.customer_behaviour",)
_NEW = (
    "predictions.purchase_cells",
    "predictions.spend_cells",
    "measures.customer_first_orders",
    "measures.customer_regions",
    "measures.customer_touches",
)

MADE_FROM: dict[str, tuple[str, ...]] = {
    "predictions.review_sentiment": ("silver.reviews",),
    "predictions.outcomes": (*_PURCHASES, *_SPEND[:1], *_CHURN, *_CLUSTERS),
    "predictions.purchase_scores": _PURCHASES,
    "predictions.purchase_factors": (*_PURCHASES, "predictions.churn_features", "predictions.churn_training"),
    "predictions.expected_amounts": (*_SPEND, "predictions.churn_features", "predictions.churn_training"),
    "predictions.spend_model": _SPEND,
    "predictions.purchase_model_scores": _PURCHASES,
    "predictions.purchase_model_calibration": _PURCHASES,
    "predictions.purchase_model_tracking": _PURCHASES,
    "predictions.churn_model_scores": _CHURN,
    "predictions.churn_model_calibration": _CHURN,
    "predictions.new_customer_value": _NEW,
    "predictions.covariate_effects": ("predictions.covariate_profiles",),
    "predictions.churn_scores": _CHURN,
    "predictions.churn_sample": _CHURN,
    "predictions.purchase_probability_source": (*_PURCHASES, *_CHURN),
    "predictions.cluster_centroids": _CLUSTERS,
    "predictions.cluster_profiles": _CLUSTERS,
}
"""Table that predictions write -> the models that they read for it."""
