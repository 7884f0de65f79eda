"""Order lines in plain Python: what a line is, what it is worth, and what some lines come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One good line, after keys and duplicates. `kind` is what the line rules call it."""

    source: str
    order_id: str
    at: dt.datetime
    customer: str | None
    product: str | None
    quantity: Decimal
    price: Decimal
    discount: Decimal
    kind: str

    @cached_property
    def day(self) -> dt.date:
        return self.at.date()

    @cached_property
    def gross(self) -> Decimal:
        return money(Fraction(self.quantity) * Fraction(self.price))

    @cached_property
    def amount(self) -> Decimal:
        return self.gross - self.discount


def money(exact: Fraction | int) -> Decimal:
    """To four places, half away from zero."""
    whole = (2 * abs(exact) * 10_000 + 1) // 2
    return Decimal(int(whole) if exact >= 0 else -int(whole)).scaleb(-4)


def ratio(top: Fraction | Decimal | int, bottom: Fraction | int | None) -> Decimal | None:
    return money(Fraction(top) / Fraction(bottom)) if bottom else None


def online_retail_kind(
    order: str, product: str | None, name: str | None, quantity: Decimal, price: Decimal, customer: str | None
) -> str:
    """The six groups of the reference, in the order of their precedence."""
    words = (name or "").lower()

    def says(*some: str) -> bool:
        return any(word in words for word in some)

    code = product or ""
    if says("adjust bad debt"):
        return "bad_debt"
    if code == "D":
        return "discount"
    if code in ("POST", "DOT", "C2", "BANK CHARGES", "CRUK", "AMAZONFEE"):
        return "charge"
    if price != 0 and says("postage", "bank charges", "cruk commission", "mailout", "amazon fee", "carriage"):
        return "charge"
    if code.upper() in ("M", "S"):
        return "adjustment"
    if price == 0 and customer is None:
        return "adjustment" if says("adjust", "manual", "check") else "invalid"
    if price == 0 and says("???", "missing", "wrongly sold"):
        return "invalid"
    if price < 0 or quantity == 0:
        return "invalid"
    if quantity < 0 or order.startswith("C"):
        return "return"
    return "free" if price == 0 else "sale"


def total(lines: Iterable[Line], *, gross: bool = False) -> Decimal:
    return sum(((line.gross if gross else line.amount) for line in lines), Decimal(0))


def parts(lines: list[Line]) -> Row:
    """gross, what was given away, what was given back, and their sum."""
    sales = [line for line in lines if line.kind == "sale"]
    discounts = total(line for line in lines if line.kind == "discount") - sum(line.discount for line in sales)
    refunds = total(line for line in lines if line.kind == "return")
    gross = total(sales, gross=True)
    return {
        "gross_amount": gross,
        "discount_amount": discounts,
        "refund_amount": refunds,
        "net_amount": gross + discounts + refunds,
    }


def before_refunds(money_parts: Row) -> Decimal:
    """What was paid at first."""
    paid: Decimal = money_parts["gross_amount"] + money_parts["discount_amount"]
    return paid


def orders_of(lines: Iterable[Line]) -> dict[tuple[str, str, str | None], dt.date]:
    """Distinct orders with at least one sale line: the day of the first of these."""
    first: dict[tuple[str, str, str | None], dt.date] = {}
    for line in lines:
        if line.kind == "sale":
            key = (line.source, line.order_id, line.customer)
            first[key] = min(first.get(key, line.day), line.day)
    return first
