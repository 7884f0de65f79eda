"""Churn drivers in words: `DESCRIPTIONS[subject](values)` describes one subject of a customer's features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
"""A customer's features by name, and `currency`, which is written before amounts."""


def _count(number: float, noun: str) -> str:
    """Write a number with its noun: 1 day, 2 days, 1.5 days."""
    text = f"{number:,.1f}".removesuffix(".0")
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def _ago(days: int) -> str:
    return "today" if days == 0 else f"{_count(days, 'day')} ago"


def _money(values: Values, amount: float) -> str:
    text = f"{abs(amount):,.0f}" if abs(amount) >= 100 else f"{abs(amount):,.2f}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{values['currency']} {text}" if values["currency"] else f"{sign}{text}"


def _percent(share: float) -> str:
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


def _rhythm(values: Values) -> str:
    days, gap = values["days_since_last_order"], values["mean_gap_days"]
    if gap is None:
        return f"bought once, {_ago(days)}"
    every = "every day" if gap < 1.5 else f"every {_count(round(gap), 'day')}"
    if days > gap:
        return f"bought {every}, no order for {_count(days, 'day')}"
    return f"buys {every}, last bought {_ago(days)}"


def _frequency(values: Values) -> str:
    recent, prior = values["purchase_day_count_90d"], values["purchase_day_count_prior_90d"]
    if recent == prior == 0:
        return "bought nothing in the last 180 days"
    on_recent = f"bought on {_count(recent, 'day')}" if recent else "bought nothing"
    if values["tenure_days"] <= 90:
        return f"{on_recent} in the last 90 days"
    return f"{on_recent} in the last 90 days, on {_count(prior, 'day') if prior else 'none'} in the 90 before"


def _spend(values: Values) -> str:
    recent, prior = values["spent_amount_90d"], values["spent_amount_prior_90d"]
    if prior <= 0 and recent <= 0:
        return f"spent nothing in the last {90 if values['tenure_days'] <= 90 else 180} days"
    if prior <= 0:
        lately = f"spent {_money(values, recent)} in the last 90 days"
        return lately if values["tenure_days"] <= 90 else f"{lately}, nothing in the 90 before"
    if recent <= 0:
        return f"spent nothing in the last 90 days, {_money(values, prior)} in the 90 before"
    share = round(100 * (recent / prior - 1))
    if share == 0:
        return "spent as much in the last 90 days as in the 90 before"
    return f"spent {abs(share):,}% {'less' if share < 0 else 'more'} in the last 90 days than in the 90 before"


def _support(values: Values) -> str:
    if values["contact_count_90d"]:
        return f"{_count(values['contact_count_90d'], 'contact')} with support in the last 90 days"
    if values["contact_count"]:
        times = _count(values["contact_count"], "contact")
        return f"{times} with support, the last {_ago(values['days_since_last_contact'])}"
    return "never contacted support"


def _baskets(values: Values) -> str:
    ever, lately = values.get("products_per_day"), values.get("products_per_day_90d")
    if ever is None:
        return f"buys {_count(values['lines_per_order'], 'line')} an order"
    words = f"buys {_count(ever, 'different product')} at a time"
    if lately is None or abs(lately - ever) < 0.05 * ever:
        return words
    return f"{words}, {_count(lately, 'product').split()[0]} in the last 90 days"


def _channel(values: Values) -> str:
    if values["main_channel"] is None:
        return "channel unknown"
    return f"buys {'mostly' if values['channel_count'] > 1 else 'only'} via {values['main_channel']}"


def _points(values: Values) -> str:
    if values["days_since_points"] is None:
        return "never had loyalty points"
    earned, redeemed = values["points_earned_90d"], values["points_redeemed_90d"]
    if not earned and not redeemed:
        return f"last loyalty points {_ago(values['days_since_points'])}"
    return f"earned {_count(earned, 'loyalty point')} in the last 90 days, redeemed {redeemed:,.0f}"


def _membership(values: Values) -> str:
    days = values["member_days"]
    return "no loyalty account" if days is None else f"loyalty account for {_count(days, 'day')}"


def _discounts(values: Values) -> str:
    share = values["discount_share"]
    return f"{_percent(share)} off in discounts" if share else "never had a discount"


def _refunds(values: Values) -> str:
    share = values["refund_share"]
    return f"{_percent(share)} of purchases refunded" if share else "never had a refund"


def _value(values: Values) -> str:
    if values["order_count"] == 1:
        return f"spent {_money(values, values['net_amount'])} in total"
    each, in_all = (_money(values, values[name]) for name in ("average_order_value", "net_amount"))
    return f"spends {each} an order, {in_all} so far"


DESCRIPTIONS: dict[str, Callable[[Values], str]] = {
    "rhythm": _rhythm,
    "tenure": lambda values: f"customer for {_count(values['tenure_days'], 'day')}",
    "purchases": lambda values: f"bought on {_count(values['purchase_day_count'], 'day')} in total",
    "frequency": _frequency,
    "value": _value,
    "spend": _spend,
    "discounts": _discounts,
    "refunds": _refunds,
    "baskets": _baskets,
    "channel": _channel,
    "support": _support,
    "membership": _membership,
    "points": _points,
}
