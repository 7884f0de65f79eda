"""Churn drivers in words: `DESCRIPTIONS[subject](values)` describes one subject among a customer's features."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

Values = Mapping[str, Any]
"""A customer's features by name, and `currency`, the prefix of amounts."""


@functools.lru_cache(maxsize=16_384)
def _format_count(number: float, noun: str) -> str:
    """Format a number with its noun: 1 day, 2 days, 1.5 days."""
    text = f"{number:,.1f}".removesuffix(".0")
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def _format_ago(days: int) -> str:
    return "today" if days == 0 else f"{_format_count(days, 'day')} ago"


def _format_money(values: Values, amount: float) -> str:
    text = f"{abs(amount):,.0f}" if abs(amount) >= 100 else f"{abs(amount):,.2f}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{values['currency']} {text}" if values["currency"] else f"{sign}{text}"


def _format_percent(share: float) -> str:
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


def _describe_rhythm(values: Values) -> str:
    days, gap = values["days_since_last_order"], values["mean_gap_days"]
    if gap is None:
        return f"bought once, {_format_ago(days)}"
    every = "every day" if gap < 1.5 else f"every {_format_count(round(gap), 'day')}"
    if days > gap:
        return f"bought {every}, no order for {_format_count(days, 'day')}"
    return f"buys {every}, last bought {_format_ago(days)}"


def _describe_frequency(values: Values) -> str:
    recent, prior = values["purchase_day_count_90d"], values["purchase_day_count_prior_90d"]
    if recent == prior == 0:
        return "bought nothing in the last 180 days"
    on_recent = f"bought on {_format_count(recent, 'day')}" if recent else "bought nothing"
    if values["tenure_days"] <= 90:
        return f"{on_recent} in the last 90 days"
    return f"{on_recent} in the last 90 days, on {_format_count(prior, 'day') if prior else 'none'} in the 90 before"


def _describe_spend(values: Values) -> str:
    recent, prior = values["spent_amount_90d"], values["spent_amount_prior_90d"]
    if prior <= 0 and recent <= 0:
        return f"spent nothing in the last {90 if values['tenure_days'] <= 90 else 180} days"
    if prior <= 0:
        recently = f"spent {_format_money(values, recent)} in the last 90 days"
        return recently if values["tenure_days"] <= 90 else f"{recently}, nothing in the 90 before"
    if recent <= 0:
        return f"spent nothing in the last 90 days, {_format_money(values, prior)} in the 90 before"
    share = round(100 * (recent / prior - 1))
    if share == 0:
        return "spent as much in the last 90 days as in the 90 before"
    return f"spent {abs(share):,}% {'less' if share < 0 else 'more'} in the last 90 days than in the 90 before"


def _describe_support(values: Values) -> str:
    if values["contact_count_90d"]:
        return f"{_format_count(values['contact_count_90d'], 'contact')} with support in the last 90 days"
    if values["contact_count"]:
        times = _format_count(values["contact_count"], "contact")
        return f"{times} with support, the last {_format_ago(values['days_since_last_contact'])}"
    return "never contacted support"


def _describe_baskets(values: Values) -> str:
    average, recent = values.get("products_per_day"), values.get("products_per_day_90d")
    if average is None:
        return f"buys {_format_count(values['lines_per_order'], 'line')} per order"
    words = f"buys {_format_count(average, 'different product')} at a time"
    if recent is None or abs(recent - average) < 0.05 * average:
        return words
    return f"{words}, {_format_count(recent, 'product').split()[0]} in the last 90 days"


def _describe_channel(values: Values) -> str:
    if values["main_channel"] is None:
        return "channel unknown"
    return f"buys {'mostly' if values['channel_count'] > 1 else 'only'} via {values['main_channel']}"


def _describe_points(values: Values) -> str:
    if values["days_since_points"] is None:
        return "never earned loyalty points"
    earned, redeemed = values["points_earned_90d"], values["points_redeemed_90d"]
    if not earned and not redeemed:
        return f"last loyalty points {_format_ago(values['days_since_points'])}"
    return f"earned {_format_count(earned, 'loyalty point')} in the last 90 days, redeemed {redeemed:,.0f}"


def _describe_membership(values: Values) -> str:
    days = values["member_days"]
    return "no loyalty account" if days is None else f"loyalty account for {_format_count(days, 'day')}"


def _describe_discounts(values: Values) -> str:
    share = values["discount_share"]
    return f"{_format_percent(share)} saved through discounts" if share else "never received a discount"


def _describe_refunds(values: Values) -> str:
    share = values["refund_share"]
    return f"{_format_percent(share)} of purchases refunded" if share else "never received a refund"


def _describe_value(values: Values) -> str:
    if values["order_count"] == 1:
        return f"spent {_format_money(values, values['net_amount'])} in total"
    per_order, total = (_format_money(values, values[name]) for name in ("average_order_value", "net_amount"))
    return f"spends {per_order} per order, {total} in total"


DESCRIPTIONS: dict[str, Callable[[Values], str]] = {
    "rhythm": _describe_rhythm,
    "tenure": lambda values: f"customer for {_format_count(values['tenure_days'], 'day')}",
    "purchases": lambda values: f"bought on {_format_count(values['purchase_day_count'], 'day')} in total",
    "frequency": _describe_frequency,
    "value": _describe_value,
    "spend": _describe_spend,
    "discounts": _describe_discounts,
    "refunds": _describe_refunds,
    "baskets": _describe_baskets,
    "channel": _describe_channel,
    "support": _describe_support,
    "membership": _describe_membership,
    "points": _describe_points,
}
