"""The labels of gold columns, and the formats of their values."""

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
    "as_of_date": "As of",
    "amount_per_buyer": "Revenue per customer",
    "assumed": "Assumed",
    "average_order_value": "Average order value",
    "average_line_value": "Average line value",
    "cart_count": "Carts",
    "churn_group": "Churn group (by silence)",
    "churn_probability_30d": "Churn probability, 30 days",
    "churn_probability_60d": "Churn probability, 60 days",
    "churn_probability_90d": "Churn probability, 90 days",
    "probability_of_no_purchase_90d": "Probability of no purchase, 90 days",
    "probability_of_1_purchase_90d": "Probability of 1 purchase, 90 days",
    "probability_of_2_purchases_90d": "Probability of 2 purchases, 90 days",
    "probability_of_3_or_more_purchases_90d": "Probability of 3 or more, 90 days",
    "churn_risk": "Churn risk of the segment",
    "clv_percentile_rate": "Value percentile",
    "clv_tier": "Value tier",
    "category_name": "Name",
    "cohort_month_date": "First order in",
    "confidence_rate": "Confidence",
    "credited_amount": "Attributed revenue",
    "credited_rate": "Share of attributed revenue",
    "customer_id": "Customer",
    "dau": "Daily active customers",
    "wau": "Weekly active customers",
    "mau": "Monthly active customers",
    "days_since_last_order": "Days since last order",
    "driver_1": "Main driver",
    "driver_2": "Second driver",
    "driver_3": "Third driver",
    "email": "Email",
    "expected_purchases_30d": "Expected purchases, 30 days",
    "expected_purchases_90d": "Expected purchases, 90 days",
    "expected_purchases_365d": "Expected purchases, 1 year",
    "expected_spend": "Expected spend per purchase",
    "first_order_date": "First order",
    "formula_clv_profit": "Formula value, margin",
    "formula_clv_revenue": "Formula value, revenue",
    "gross_amount": "Gross revenue",
    "historical_clv": "Lifetime value to date",
    "is_complete": "Complete",
    "kpi_date": "Day",
    "last_order_date": "Last order",
    "lift": "Lift",
    "margin_amount": "Margin",
    "margin_rate": "Margin rate",
    "months_since": "Months since",
    "net_amount": "Net revenue",
    "order_amount": "Sales before refunds",
    "order_count": "Orders",
    "pair_count": "Baskets with both",
    "partner_product_id": "Code of the other product",
    "partner_product_name": "Bought with",
    "period_kind": "Period type",
    "period_start_date": "Period",
    "predicted_clv_1y": "Expected margin, next year",
    "predicted_clv_3y": "Expected margin, 3 years",
    "predicted_clv_5y": "Expected margin, 5 years",
    "preferred_channel_share": "Share of orders in that channel",
    "probability_alive": "Probability active",
    "product_count": "Products",
    "product_id": "Product code",
    "product_name": "Product",
    "recommended_action": "Recommended action",
    "return_rate": "Return rate",
    "sale_line_count": "Lines",
    "signup_count": "Sign-ups",
    "signup_month_date": "Signed up in",
    "spent_amount": "Spend",
    "stickiness": "Stickiness",
    "support_rate": "Share of baskets",
    "tenure_days": "Days since first order",
    "total_clv": "Total value",
    "unit_count": "Units",
    "visits_per_buyer": "Visits per customer",
    "what_is_missing": "What is missing",
}
"""Column -> label, for columns whose names do not read well."""

_ENDINGS = ("_count", "_amount", "_rate", "_date", "_at", "_id", "_score")
_WORDS = {
    "clv": "value",
    "rfm": "RFM",
    "dau": "daily active customers",
    "1y": "1 year",
    "3y": "3 years",
    "5y": "5 years",
    "30d": "30 days",
    "60d": "60 days",
    "90d": "90 days",
    "365d": "1 year",
    "km": "km",
    "low": "low",
    "high": "high",
    "avg": "average",
}
_PLURALS = {"customer", "order", "session", "visit", "unit", "line", "product", "basket", "review", "delivery"}
_PLURALS |= {"interaction", "conversion", "buyer", "member", "account", "signup", "pair", "promotion", "channel"}


def label(column: str) -> str:
    """Return the label of a gold column: `net_amount` is "Net revenue"."""
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


def get_format(column: str) -> str:
    """Return the format of a column's values: "month", "share", "money", "count", or "" to format them by type."""
    if column.endswith(("_month_date", "period_start_date")):
        return "month"
    if column.endswith(_SHARE) or column.startswith(("churn_probability_", "probability_of_", "share_of_")):
        return "share"
    if column not in _NO_MONEY and (column.endswith(_MONEY) or column.startswith(_MONEY_STARTS)):
        return "money"
    return "count" if column.endswith("_count") else ""


def to_plain_words(name: str) -> str:
    """Turn the name of a table, source or column into plain words: `order_lines` becomes "Order lines"."""
    text = re.sub(r"\b([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\b", r"\2 of \1", name).replace("_", " ")
    return text[:1].upper() + text[1:]


def format_value(column: str, value: Any, formats: Formats, *, cents: bool = True, digits: int | None = None) -> str:
    """Format a value of a gold column as the shop does. The result is plain text: escape it before use in markup.

    cents: whether money has decimals. digits: the decimals of numbers other than money, shares and counts; by default
    as many as the value needs.
    """
    if value is None:
        return formats.count(None)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return formats.moment(value)
    if isinstance(value, dt.date):
        return formats.month(value) if get_format(column) == "month" else formats.day(value)
    if isinstance(value, int | float | Decimal):
        return _format_number(
            get_format(column), value, formats, cents, count_digits([value]) if digits is None else digits
        )
    return str(value)


def _format_number(kind: str, value: int | float | Decimal, formats: Formats, cents: bool, digits: int) -> str:
    match kind:
        case "money":
            return formats.money(value, cents=cents)
        case "share":
            return formats.share(value, digits=1)
    return formats.count(value, digits=0 if isinstance(value, int) else digits)


_LEAST_WITHOUT_CENTS = 1000


def wants_cents(values: list[Any]) -> bool:
    """Return whether to show the decimals of a column of money: only if no amount is large."""
    return all(abs(float(value)) < _LEAST_WITHOUT_CENTS for value in values if isinstance(value, int | float | Decimal))


def count_digits(values: list[Any], most: int = 1) -> int:
    """Return the number of decimals for a column: `most`, or 0 if all of its numbers are integers."""
    numbers = (value for value in values if isinstance(value, int | float | Decimal))
    return 0 if all(float(value).is_integer() for value in numbers) else most


def is_number(values: list[Any]) -> bool:
    """Return whether a column holds numbers, which are aligned right."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in known)
