"""The sources of the rendered project: bronze, and what patron itself writes between measures and gold."""

from __future__ import annotations

from typing import Any

from patron.project.project import Project

_PREDICTED = {
    "review_sentiment": "How each text of a review sounds.",
    "outcomes": "What was predicted, by which model, and what is missing where nothing was.",
    "purchase_scores": "What is expected of buyers who bought as often and as lately.",
    "purchase_factors": "What a regression makes of each buyer's expected purchases: no rows unless it did better.",
    "expected_amounts": "What a learner of amounts expects each buyer to spend: no rows unless it did better.",
    "spend_model": "What buyers spend on a day: one row, or none where nothing is predicted.",
    "purchase_model_scores": "How good purchase models have been on the shop's own past.",
    "purchase_model_calibration": "Tenths of the customers by forecast, and what came.",
    "purchase_model_tracking": "Repeat purchases by week, as forecast and as they came.",
    "churn_model_scores": "How good the churn model was on the last days that it did not learn from.",
    "churn_model_calibration": "Tenths of the customers by probability, and who left.",
    "new_customer_value": "What is expected of customers to come, by how they are acquired.",
    "covariate_effects": "What goes with buying more often, leaving sooner and spending more.",
    "churn_scores": "How likely each customer leaves, and why.",
    "churn_sample": "One row: below_key, which the sample's customers lie below.",
    "purchase_probability_source": "One row: whose probability of a purchase is used in each window, and why.",
    "cluster_centroids": "The middle of each cluster of customers, and how behaviour is scaled.",
    "cluster_profiles": "Each cluster's name, and how its customers were when it was fitted.",
}
"""What patron itself writes between measures and gold."""


def describe_sources(project: Project) -> dict[str, Any]:
    """Describe every table that models read as a source, as the content of sources.yml."""
    tables = [{"name": name, "description": "Bronze: every row as it came."} for name in project.settings.sources]
    labels = {"name": "label_changes", "description": "What customers were called on observed days, as changes."}
    requested = {"name": "requested_as_of", "description": "One row: the day to measure at, or latest."}
    bronze = {"name": "bronze", "schema": "bronze", "tables": tables}
    predicted = [{"name": name, "description": text} for name, text in _PREDICTED.items()]
    return {
        "sources": [
            bronze,
            {"name": "history", "schema": "history", "tables": [labels]},
            {"name": "meta", "schema": "meta", "tables": [requested]},
            {"name": "predictions", "schema": "predictions", "tables": predicted},
        ]
    }
