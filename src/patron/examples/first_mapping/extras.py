"""What orders hold beside their goods: tax, shipping, tips, gift cards."""

from __future__ import annotations

import numpy as np

from patron.examples.first_mapping.levels import Lines
from patron.examples.first_mapping.mapped import EntityDraft, Mapped
from patron.examples.first_mapping.money_tests import Floats
from patron.examples.first_mapping.tables import Table

OF_ORDERS = {
    "tax": ("tax_amount", "order_tax_amount"),
    "shipping": ("shipping_amount", "order_shipping_amount"),
    "tip": ("tip_amount", "order_tip_amount"),
    "gift_card": ("gift_card_amount", "order_gift_card_amount"),
}
"""Meaning -> the canonical column of a line, and that of a whole order."""


def add_mapped(draft: EntityDraft, table: Table, lines: Lines, names: list[str]) -> Floats:
    """Add up mapped amounts of lines and of orders, by order."""
    added = np.zeros(lines.count)
    for canonical in names:
        mapped, take = draft.columns.get(canonical), lines.take_once if canonical.startswith("order_") else lines.add_up
        name = mapped.expression.strip('"') if isinstance(mapped, Mapped) else ""
        added = added + (take(table.columns[name].floats) if name in table.columns else 0)
    return added


def add_extras(draft: EntityDraft, table: Table, lines: Lines) -> Floats:
    """Add up tax, shipping and tips by order."""
    return add_mapped(draft, table, lines, [name for pair in list(OF_ORDERS.values())[:3] for name in pair])
