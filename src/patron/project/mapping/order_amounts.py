"""Where an order's money comes from: its lines, or its own amount. Never from both."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from patron.errors import SettingsError
from patron.project.mapping.expressions import column_key
from patron.project.mapping.mappings import EntityMapping, SourceMapping

_HEAD_VALUES = ("order_discount_amount",)
"""Columns of orders that change what an order is worth, and that no line of another source takes over."""


def find_orders_as_lines(mappings: Mapping[str, SourceMapping]) -> dict[str, EntityMapping]:
    """Find the sources whose orders become one line each, at the order's amount; source -> its mapping of orders."""
    lines, orders = _find(mappings, "order_lines"), _find(mappings, "orders")
    has_shared_lines = any(_has_shared_ids(mapping) for mapping in lines.values())
    return {
        source: mapping
        for source, mapping in orders.items()
        if source not in lines
        and "order_amount" in mapping.columns
        and not (has_shared_lines and _has_shared_ids(mapping))
    }


def check_order_values(mappings: Mapping[str, SourceMapping]) -> None:
    """Refuse a value of a whole order that would be lost, because the order's money comes from its lines.

    Raises SettingsError.
    """
    as_lines = find_orders_as_lines(mappings)
    for source, mapping in _find(mappings, "orders").items():
        for name in _HEAD_VALUES:
            if name in mapping.columns and source not in as_lines:
                raise SettingsError(
                    f"{name} would be lost: the money of these orders comes from their lines.",
                    where=mapping.columns[name].where,
                    do="map what each line was reduced by as order_lines.line_discount_amount (an order's discount "
                    "divided among its lines, not repeated on each), or remove the column from orders",
                )


def check_prices(mappings: Mapping[str, SourceMapping]) -> None:
    """Refuse a price that was divided out of a total: multiplied by the quantity, it would not give the total back.

    20.00 for 8,123 ml is 0.0025 each, which comes to 20.31. Raises SettingsError.
    """
    for mapping in _find(mappings, "order_lines").values():
        price, quantity = mapping.columns.get("unit_price"), mapping.columns.get("quantity")
        if price is None or price.expression is None or quantity is None or quantity.expression is None:
            continue
        pieces = {column_key(name) for name in quantity.expression.columns}
        for division in price.expression.tree.find_all(exp.Div, exp.IntDiv):
            if pieces & {column_key(column.name) for column in division.expression.find_all(exp.Column)}:
                raise SettingsError(
                    "unit_price divides by the quantity, and quantity x unit_price would not give the total back.",
                    where=price.where,
                    do="map the total as line_amount instead of unit_price",
                )


def _find(mappings: Mapping[str, SourceMapping], entity: str) -> dict[str, EntityMapping]:
    return {source: one.entities[entity] for source, one in mappings.items() if entity in one.entities}


def _has_shared_ids(mapping: EntityMapping) -> bool:
    return mapping.namespace.get("order_id") == "shop"
