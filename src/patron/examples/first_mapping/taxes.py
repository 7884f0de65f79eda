"""Whether prices contain the tax, by the totals that orders state."""

from __future__ import annotations

from typing import Literal

import numpy as np

from patron.examples.first_mapping.extras import add_extras, add_mapped
from patron.examples.first_mapping.line_money import LineMoney
from patron.examples.first_mapping.mapped import EntityDraft, Mapped
from patron.examples.first_mapping.money_tests import ENOUGH, TOLERANCE, Floats
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question

Tax = Literal["included", "added"]


def find_tax(goods: Floats, total: Floats, tax: Floats, others: Floats) -> Tax | None:
    """Find whether totals are goods and other charges, or these and the tax; None where they are neither.

    All are by order. goods: after discounts. others: shipping and tips.
    """
    levied = np.nan_to_num(tax)
    telling = (levied != 0) & ~np.isnan(goods) & ~np.isnan(total)
    if not telling.any():
        return None
    rest = (total - goods)[telling] - np.nan_to_num(others)[telling]
    if (np.abs(rest) <= TOLERANCE).mean() >= ENOUGH:
        return "included"
    return "added" if (np.abs(rest - levied[telling]) <= TOLERANCE).mean() >= ENOUGH else None


def ask_about_tax() -> Question:
    """Ask whether prices contain the tax, where refunds do: what they give back of goods depends on it."""
    text = "Do prices contain the tax? Refunds hold it, and no total of the orders says."
    choices = (
        Choice("yes: it is in the prices", "tax: included"),
        Choice("no: it is charged on top of them", "tax: added"),
    )
    return Question("orders", text, choices, f"tax: {UNKNOWN}")


def find_tax_of_lines(draft: EntityDraft, money: LineMoney) -> Tax | None:
    """Find whether prices contain the tax, by totals of orders that stand on their lines."""
    table, lines = money.table, money.lines
    taxes = [name for name in ("tax_amount", "order_tax_amount") if isinstance(draft.columns.get(name), Mapped)]
    if not taxes or money.net is None:
        return None
    tax = add_mapped(draft, table, lines, taxes)
    others = add_extras(draft, table, lines) - tax
    off = draft.columns.get("order_discount_amount")
    name = off.expression.strip('"') if isinstance(off, Mapped) else ""
    deducted = np.abs(lines.take_once(table.columns[name].floats)) if name in table.columns else np.zeros(lines.count)
    totals = [lines.take_once(table.columns[total].floats) for total in table.list_fitting("order_total")]
    found = {find_tax(lines.add_up(money.net) - deducted, total, tax, others) for total in totals} - {None}
    return next(iter(found)) if len(found) == 1 else "added" if found else None
