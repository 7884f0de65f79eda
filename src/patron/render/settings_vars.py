"""The settings that models read, as dbt variables."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from patron.project import Project

_TENURE_UNITS = {"days": Fraction(1), "weeks": Fraction(7), "months": Fraction(365, 12), "years": Fraction(365)}
"""Days in one unit of tenure; a year is 365 days."""


def settings_vars(project: Project, as_of: str) -> dict[str, Any]:
    """Name -> value. Ratios are given as two whole numbers, so that every engine computes them exactly."""
    settings = project.settings
    unit = _TENURE_UNITS[settings.clv.tenure_unit]
    margin = Fraction(str(settings.clv.gross_margin))
    tiers = settings.clv.tiers
    return {
        "as_of": as_of,
        "currency": settings.shop.currency,
        "rfm_method": settings.rfm.method,
        "rfm_recency_days": list(settings.rfm.recency_days),
        "rfm_frequency_orders": list(settings.rfm.frequency_orders),
        "rfm_monetary_amounts": list(settings.rfm.monetary_amounts),
        "tenure_unit_numerator": unit.denominator,
        "tenure_unit_denominator": unit.numerator,
        "gross_margin_numerator": margin.numerator,
        "gross_margin_denominator": margin.denominator,
        "clv_tier_measure": tiers.measure,
        "clv_tier_by": tiers.by,
        "clv_tier_cuts": list(tiers.cuts),
        "clv_tier_labels": list(tiers.labels),
        "churn_low_days": settings.churn.low_days,
        "churn_medium_days": settings.churn.medium_days,
        "churn_window_days": settings.churn.window_days,
    }
