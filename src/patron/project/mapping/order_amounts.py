"""Where an order's money comes from: its lines, or its own amount. Never from both."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from patron.errors import SettingsError
from patron.project.mapping.expressions import column_key
from patron.project.mapping.mappings import EntityMapping, SourceMapping


def find_orders_as_lines(mappings: Mapping[str, SourceMapping]) -> dict[str, EntityMapping]:
    """Find the sources whose orders become one line each, at the order's amount; source -> its mapping of orders."""
    lines, orders = find_mappings(mappings, "order_lines"), find_mappings(mappings, "orders")
    has_shared_lines = any(has_shared_ids(mapping) for mapping in lines.values())
    return {
        source: mapping
        for source, mapping in orders.items()
        if source not in lines
        and "order_amount" in mapping.columns
        and not (has_shared_lines and has_shared_ids(mapping))
    }


def check_prices(mappings: Mapping[str, SourceMapping]) -> None:
    """Refuse a price that was divided out of a total: multiplied by the quantity, it would not give the total back.

    20.00 for 8,123 ml is 0.0025 each, which comes to 20.31. Raises SettingsError.
    """
    for mapping in find_mappings(mappings, "order_lines").values():
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


def find_mappings(mappings: Mapping[str, SourceMapping], entity: str) -> dict[str, EntityMapping]:
    """Find the sources that fill an entity; source -> its mapping."""
    return {source: one.entities[entity] for source, one in mappings.items() if entity in one.entities}


def has_shared_ids(mapping: EntityMapping) -> bool:
    """Return whether a mapping says that its order ids mean the same in all sources."""
    return mapping.namespace.get("order_id") == "shop"
