"""The settings that models read, as dbt variables."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from patron.project.mapping.order_values import find_totals_as_lines
from patron.project.project import Project
from patron.project.settings.contacts import Campaigns
from patron.project.settings.questions import Questions

_TENURE_UNITS = {"days": Fraction(1), "weeks": Fraction(7), "months": Fraction(365, 12), "years": Fraction(365)}
"""Days in one unit of tenure; a year is 365 days."""


LOCATION_DECIMALS = 4
"""Points whose coordinates agree to this many decimals, about 11 metres, are one location."""

SENTIMENT_POSITIVE_FROM, SENTIMENT_NEGATIVE_TO = 0.05, -0.05
"""The limits of VADER's compound score, as its authors recommend them (Hutto, Gilbert 2014)."""


def collect_settings_vars(project: Project, as_of: str) -> dict[str, Any]:
    """Collect the variables, name -> value. Ratios are two whole numbers, which every engine computes exactly."""
    settings = project.settings
    unit = _TENURE_UNITS[settings.clv.tenure_unit]
    margin = Fraction(str(settings.clv.gross_margin))
    tiers = settings.clv.tiers
    return {
        "as_of": "latest" if as_of == "latest" else "given",  # which day: meta.requested_as_of
        "currency": settings.shop.currency,
        "shop_opened": settings.shop.opened.isoformat() if settings.shop.opened else "",
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
        "run_rate_least_days": settings.clv.run_rate_least_days,
        "bands": settings.bands.model_dump(mode="json"),
        "spend_statuses": _lower((*settings.orders.spend_statuses, *settings.orders.refunded_statuses)),
        "totals_as_lines": find_totals_as_lines(project.mappings, settings.orders.amount),
        "is_tax_apart": settings.orders.tax in ("added", "deducted"),
        "is_tax_deducted": settings.orders.tax == "deducted",
        "order_values": _convert_order_values(project),
        "dominant_channel_share": settings.channels.dominant_share,
        "loyalty_tiers": list(settings.loyalty.tiers),
        "resolved_statuses": _lower(settings.support.resolved_statuses),
        "escalated_statuses": _lower(settings.support.escalated_statuses),
        "issue_categories": {name: _lower(words) for name, words in settings.support.issue_categories.items()},
        "follow_up_days": settings.support.follow_up_days,
        "campaign_credit": settings.campaigns.credit,
        "campaign_lookback_days": settings.campaigns.lookback_days,
        "campaign_half_life_days": settings.campaigns.half_life_days,
        **_compute_position_shares(settings.campaigns),
        "promotion_window_days": settings.promotions.window_days,
        "questions": _convert_questions(settings.questions),
        "clusters": settings.predictions.clusters.model_dump(mode="json"),
        "delivery_follow_up_days": settings.deliveries.follow_up_days,
        "location_scale": 10**LOCATION_DECIMALS,
        "sentiment_positive_from": SENTIMENT_POSITIVE_FROM,
        "sentiment_negative_to": SENTIMENT_NEGATIVE_TO,
        "survey_most_answers": settings.surveys.most_answers,
        "survey_least_customers": settings.surveys.least_customers,
        "is_churn_predicted": settings.predictions.churn.enabled,
        "churn_active_days": settings.predictions.churn.active_days,
        "churn_cutoffs": settings.predictions.churn.cutoffs,
        "mapped_columns": project.mapped_columns(),
    }


def _convert_order_values(project: Project) -> dict[str, Any]:
    """What lines take over from their orders; empty where they take over nothing."""
    values = project.order_values
    if not values.is_needed:
        return {}
    orders = project.settings.orders
    return {
        **{name: list(getattr(values, name)) for name in ("from_lines", "from_heads", "inherited", "whole_orders")},
        "has_rates": values.has_rates,
        "refunded_statuses": _lower(orders.refunded_statuses),
    }


def _lower(words: tuple[str, ...]) -> list[str]:
    return [word.strip().lower() for word in words]


def _compute_position_shares(campaigns: Campaigns) -> dict[str, int]:
    """The shares of the first and the last touch as whole numbers of one denominator."""
    first, last = Fraction(str(campaigns.first_share)), Fraction(str(campaigns.last_share))
    denominator = first.denominator * last.denominator
    return {
        "first_touch_share": int(first * denominator),
        "last_touch_share": int(last * denominator),
        "touch_share_denominator": denominator,
    }


def _convert_questions(questions: Questions) -> dict[str, Any]:
    """Add to the settings the share that a shrunken basket keeps at most, as two whole numbers."""
    values = questions.model_dump(mode="json")
    kept = 1 - Fraction(str(questions.basket_shift.least_drop))
    values["basket_shift"] |= {"kept_numerator": kept.numerator, "kept_denominator": kept.denominator}
    return values
