"""The parts of gold.revenue_bridge, from raw totals to net revenue, and what people call them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

STEPS = {
    "raw_amount": "raw total of the lines",
    "shared_amount": "discounts, refunds and tax of whole orders; conversion",
    "free_amount": "given away for free",
    "adjustment_amount": "manual corrections",
    "bad_debt_amount": "bad debt",
    "charge_amount": "charges on lines of their own",
    "gift_card_sold_amount": "gift cards sold",
    "invalid_amount": "invalid lines",
    "not_completed_amount": "orders not completed",
    "test_amount": "test orders",
    "later_amount": "after as_of",
    "net_amount": "net revenue",
}
"""Column -> what it is, in order. All between the raw total and net revenue are taken off, except shared amounts, which
have a sign."""

BESIDE = {
    "tax_amount": "tax",
    "shipping_amount": "shipping",
    "tip_amount": "tips",
    "gift_card_paid_amount": "paid with gift cards",
}
"""Columns of amounts that customers paid beside the price of the goods, or with gift cards -> what they are."""

_ENDS = ("raw_amount", "net_amount")


def list_steps(amounts: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    """List what leads from the raw total to net revenue, as (what, signed amount), without steps of nothing."""
    signed = {name: amounts[name] if name in (*_ENDS, "shared_amount") else -amounts[name] for name in STEPS}
    return [(what, signed[name]) for name, what in STEPS.items() if signed[name] or name in _ENDS]
