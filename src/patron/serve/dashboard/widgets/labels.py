"""What a reader calls each gold column, and how its values are written: the one place that says so."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.project.number_format import Formats

NAMES = {
    "activity_date": "Day",
    "actual": "Actual",
    "amount_per_customer": "Revenue per customer",
    "as_of_date": "Measured at",
    "assumed": "Assumed",
    "average_order_value": "Average order",
    "average_line_value": "Average line",
    "cart_count": "Carts",
    "churn_group": "Churn risk",
    "churn_probability_30d": "Buys nothing in 30 days",
    "churn_probability_60d": "Buys nothing in 60 days",
    "churn_probability_90d": "Buys nothing in 90 days",
    "churn_risk": "Risk of the segment",
    "clv_percentile_rate": "Worth at least as much as",
    "clv_tier": "Value tier",
    "category_name": "Name",
    "cohort_month_date": "First bought in",
    "confidence_rate": "Of baskets with the first",
    "credited_amount": "Credited revenue",
    "credited_rate": "Share of revenue",
    "customer_id": "Customer",
    "dau": "Active a day",
    "wau": "Active in 7 days",
    "mau": "Active in 30 days",
    "days_since_last_order": "Days silent",
    "driver_1": "Why",
    "driver_2": "And why",
    "driver_3": "And why, too",
    "email": "E-mail",
    "expected_purchases_30d": "Expected purchases, 30 days",
    "expected_purchases_90d": "Expected purchases, 90 days",
    "expected_purchases_365d": "Expected purchases, a year",
    "expected_spend": "Expected spend a purchase",
    "first_order_date": "First order",
    "formula_clv_profit": "Formula value, margin",
    "formula_clv_revenue": "Formula value, revenue",
    "gross_amount": "Gross revenue",
    "historical_clv": "Spent to date",
    "is_complete": "Complete",
    "kpi_date": "Day",
    "last_order_date": "Last order",
    "lift": "Times as often as chance",
    "margin_amount": "Margin",
    "margin_rate": "Margin rate",
    "months_since": "Months since",
    "net_amount": "Net revenue",
    "order_amount": "Revenue after discounts",
    "order_count": "Orders",
    "pair_count": "Baskets with both",
    "partner_product_id": "Code of the other",
    "partner_product_name": "With",
    "period_kind": "Kind of period",
    "period_start_date": "Period",
    "predicted_clv_1y": "Expected margin, next year",
    "predicted_clv_3y": "Expected margin, 3 years",
    "predicted_clv_5y": "Expected margin, 5 years",
    "preferred_channel_share": "Orders by that channel",
    "probability_alive": "Still a customer",
    "product_count": "Articles",
    "product_id": "Article code",
    "product_name": "Article",
    "recommended_action": "Next step",
    "return_rate": "Returned",
    "sale_line_count": "Lines",
    "signup_count": "Sign-ups",
    "signup_month_date": "Signed up in",
    "spent_amount": "Spent",
    "stickiness": "Stickiness",
    "support_rate": "Of all baskets",
    "tenure_days": "Days since first order",
    "total_clv": "Total value",
    "unit_count": "Pieces",
    "what_is_missing": "What is missing",
}
"""Column -> label, where its own words would not do."""

_ENDINGS = ("_count", "_amount", "_rate", "_date", "_at", "_id", "_score")
_WORDS = {
    "clv": "value",
    "rfm": "RFM",
    "dau": "active a day",
    "1y": "1 year",
    "3y": "3 years",
    "5y": "5 years",
    "30d": "30 days",
    "60d": "60 days",
    "90d": "90 days",
    "365d": "a year",
    "km": "km",
    "low": "lowest",
    "high": "highest",
    "avg": "average",
}
_PLURALS = {"customer", "order", "session", "visit", "unit", "line", "product", "basket", "review", "delivery"}
_PLURALS |= {"interaction", "conversion", "buyer", "member", "account", "signup", "pair", "promotion", "channel"}


def label(column: str) -> str:
    """A gold column as a reader calls it: `net_amount` is "Net revenue"."""
    if column in NAMES:
        return NAMES[column]
    stem, is_count = column, column.endswith("_count")
    for ending in _ENDINGS:
        if stem.endswith(ending) and len(stem) > len(ending):
            stem = stem.removesuffix(ending)
            break
    words = stem.removeprefix("is_").split("_")
    if is_count and words[-1] in _PLURALS:
        words[-1] = words[-1].removesuffix("y") + "ies" if words[-1].endswith("y") else f"{words[-1]}s"
    if words[0] in ("mean", "median"):
        words = [*words[1:], f"({words[0]})"]
    text = " ".join(_WORDS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


_MONEY = (
    "_amount",
    "_value",
    "_price",
    "_cost",
    "_spend",
    "historical_clv",
    "residual_clv",
    "total_clv",
    "average_clv",
)
_MONEY_STARTS = ("formula_clv_", "run_rate_clv_", "predicted_clv_", "expected_value_", "amount_per_", "revenue_per_")
_SHARE = ("_rate", "_share", "stickiness", "probability_alive", "_rate_low", "_rate_high")
_NO_MONEY = ("factor_value",)


def kind(column: str) -> str:
    """How a column's values are written: money, share, count, decimal, month, day, or text as it is."""
    if column.endswith(("_month_date", "period_start_date")):
        return "month"
    if column.endswith(_SHARE) or column.startswith(("churn_probability_", "probability_of_", "share_of_")):
        return "share"
    if column not in _NO_MONEY and (column.endswith(_MONEY) or column.startswith(_MONEY_STARTS)):
        return "money"
    return "count" if column.endswith("_count") else ""


def plain(name: str) -> str:
    """What patron calls a table, source or column, as a reader would: `order_lines` is "Order lines"."""
    text = re.sub(r"\b([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\b", r"\2 of \1", name).replace("_", " ")
    return text[:1].upper() + text[1:]


def written(column: str, value: Any, formats: Formats, *, cents: bool = True, digits: int | None = None) -> str:
    """A value of a gold column as the shop writes it. Plain text: escape it where it goes into markup.

    cents: whether money is written to its smaller unit; digits: after the point of other numbers, counts apart; as many
    as the value itself needs, if None.
    """
    if value is None:
        return formats.count(None)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return formats.moment(value)
    if isinstance(value, dt.date):
        return formats.month(value) if kind(column) == "month" else formats.day(value)
    if isinstance(value, int | float | Decimal):
        return _number(kind(column), value, formats, cents, digits_of([value]) if digits is None else digits)
    return str(value)


def _number(kind_of: str, value: int | float | Decimal, formats: Formats, cents: bool, digits: int) -> str:
    match kind_of:
        case "money":
            return formats.money(value, cents=cents)
        case "share":
            return formats.share(value, digits=1)
    return formats.count(value, digits=0 if isinstance(value, int) else digits)


_LEAST_WITHOUT_CENTS = 1000


def wants_cents(values: list[Any]) -> bool:
    """Whether a column of money is written to its smaller unit: where no amount of it is large."""
    return all(abs(float(value)) < _LEAST_WITHOUT_CENTS for value in values if isinstance(value, int | float | Decimal))


def digits_of(values: list[Any], most: int = 1) -> int:
    """How many digits stand after the point in a column: none where each of its numbers is whole."""
    numbers = (value for value in values if isinstance(value, int | float | Decimal))
    return 0 if all(float(value).is_integer() for value in numbers) else most


def is_number(values: list[Any]) -> bool:
    """Whether a column of values is set to the right."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in known)
