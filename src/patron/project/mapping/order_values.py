"""What lines take over from their order: amounts of the whole order, columns of its head, exchange rates, refunds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from patron.errors import SettingsError
from patron.project.mapping.expressions import added_name
from patron.project.mapping.mappings import EntityMapping, SourceMapping
from patron.project.mapping.order_amounts import find_mappings, find_orders_as_lines, has_shared_ids

WHOLE_ORDER_AMOUNTS = {
    "order_discount_amount": "line_discount_amount",
    "order_tax_amount": "tax_amount",
    "order_shipping_amount": "shipping_amount",
    "order_tip_amount": "tip_amount",
    "order_gift_card_amount": "gift_card_amount",
    "order_refund_amount": "order_refund_amount",
}
"""Amount of a whole order -> the column of a line that takes its share of it. Refunds become lines of their own."""

_INHERITED = (
    "customer_id",
    "status",
    "is_test",
    "currency",
    "channel",
    "store_id",
    "staff_id",
    "promotion_id",
    "country",
    "region",
    "refunded_at",
)
"""Columns of an order's head that its lines have where they do not map them themselves."""


@dataclass(frozen=True)
class OrderValues:
    """What reaches order lines from beyond their own rows.

    from_lines, from_heads: amounts of whole orders that lines, or heads, give. inherited: columns of heads that lines
    lack. whole_orders: the sources of which a newer export replaces the orders that it holds. has_rates: whether
    amounts are converted. refunds_by_status: whether a status turns an order into a refund.
    """

    from_lines: tuple[str, ...] = ()
    from_heads: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ()
    whole_orders: tuple[str, ...] = ()
    has_rates: bool = False
    refunds_by_status: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether a line depends on other rows of its order, so that silver is built order by order."""
        return bool(
            self.from_lines
            or self.from_heads
            or self.inherited
            or self.whole_orders
            or self.has_rates
            or self.refunds_by_status
        )


def find_order_values(mappings: Mapping[str, SourceMapping], refunded_statuses: tuple[str, ...] = ()) -> OrderValues:
    """Find what lines take over from their orders, given the mappings and orders.refunded_statuses."""
    lines, as_lines = find_mappings(mappings, "order_lines"), find_orders_as_lines(mappings)
    heads = {source: mapping for source, mapping in find_mappings(mappings, "orders").items() if source not in as_lines}
    from_lines = {name for mapping in lines.values() for name in WHOLE_ORDER_AMOUNTS if name in mapping.columns}
    from_lines |= {"order_refund_amount" for mapping in as_lines.values() if "order_refund_amount" in mapping.columns}
    from_heads, inherited = set[str](), set[str]()
    for source, head in heads.items():
        for other, mapping in lines.items():
            if share_orders(source, head, other, mapping):
                from_heads |= head.columns.keys() & WHOLE_ORDER_AMOUNTS.keys()
                inherited |= (head.columns.keys() & set(_INHERITED)) - mapping.columns.keys()
    return OrderValues(
        tuple(name for name in WHOLE_ORDER_AMOUNTS if name in from_lines),
        tuple(name for name in WHOLE_ORDER_AMOUNTS if name in from_heads),
        tuple(name for name in _INHERITED if name in inherited),
        tuple(source for source, mapping in lines.items() if mapping.whole_orders),
        bool(find_mappings(mappings, "exchange_rates")),
        bool(refunded_statuses),
    )


def share_orders(source: str, head: EntityMapping, other: str, lines: EntityMapping) -> bool:
    """Return whether an order id means the same order in a source of heads and in one of lines."""
    return source == other or (has_shared_ids(head) and has_shared_ids(lines))


_IN_A_TOTAL = ("order_discount_amount", "order_tax_amount", "order_shipping_amount", "order_tip_amount")
"""Amounts that the total of an order has lost, or contains."""

_OWN_AMOUNTS = ("unit_price", "line_amount", *(line for order, line in WHOLE_ORDER_AMOUNTS.items() if line != order))
"""Amounts that are each line's own."""


def check_looked_up_amounts(mappings: Mapping[str, SourceMapping]) -> None:
    """Refuse an amount that is looked up by the order and added to, or taken off, each of its lines.

    A factor, such as a rate or a share, is no amount. Raises SettingsError, which names the column.
    """
    for source, mapping in find_mappings(mappings, "order_lines").items():
        order = mapping.columns["order_id"].columns
        by_order = tuple(
            added_name(name, "")
            for name, keys in mappings[source].lookups.items()
            if [column for key in keys.values() for column in key.columns] == order
        )
        for name in _OWN_AMOUNTS:
            expression = mapping.columns[name].expression if name in mapping.columns else None
            if expression is None or not by_order or name in mapping.own_amounts:
                continue
            for column in expression.tree.find_all(exp.Column):
                if column.name.startswith(by_order) and _is_term(column):
                    whole = next((whole for whole, line in WHOLE_ORDER_AMOUNTS.items() if line == name), None)
                    raise SettingsError(
                        f"{name} takes {column.name.replace('__', '.')} from the order once for each of its lines.",
                        where=mapping.columns[name].where,
                        do=f"map it as {whole or 'order_discount_amount, order_tax_amount or the like'}, which is "
                        f"shared out over the lines; or, if it is each line's own, add `own_amounts: [{name}]`",
                    )


def _is_term(column: exp.Column) -> bool:
    """Whether an expression is this column, or adds or subtracts it."""
    node = column.parent
    while isinstance(node, exp.Add | exp.Sub | exp.Neg | exp.Paren | exp.Cast | exp.TryCast | exp.Coalesce):
        node = node.parent
    return node is None


def find_totals_as_lines(mappings: Mapping[str, SourceMapping], amount: str | None) -> list[str]:
    """Find the sources whose orders become lines at totals that hold more than goods. amount: orders.amount."""
    return list(find_orders_as_lines(mappings)) if amount == "total" else []


def check_order_amounts(mappings: Mapping[str, SourceMapping], amount: str | None) -> None:
    """Refuse an order_amount beside other amounts of the order, while nobody says whether it contains them.

    Raises SettingsError.
    """
    if amount is not None:
        return
    for mapping in find_orders_as_lines(mappings).values():
        beside = [name for name in _IN_A_TOTAL if name in mapping.columns]
        if beside:
            raise SettingsError(
                f"order_amount and {beside[0]} are mapped: whether the one contains the other is not known.",
                where=mapping.columns["order_amount"].where,
                do="set `orders: {amount: total}` if order_amount is what the customer paid (after discounts, with "
                "shipping, tips and tax on top), or `goods` if it is the price of the goods before the discount",
            )


def check_taxes(mappings: Mapping[str, SourceMapping], tax: str | None, amount: str | None, where: str) -> None:
    """Refuse taxes whose place decides what goods cost, while nobody says whether prices contain them.

    Raises SettingsError; also where tax is to be deducted that no source gives. where: the place of orders.tax.
    """
    columns = {
        name: column
        for entity in ("order_lines", "orders")
        for mapping in find_mappings(mappings, entity).values()
        for name, column in mapping.columns.items()
    }
    taxes = [name for name in ("tax_amount", "order_tax_amount") if name in columns]
    if tax == "deducted" and not taxes:
        what = "orders.tax is `deducted`, but no source says what the tax is."
        raise SettingsError(what, where=where, do="map tax_amount or order_tax_amount, or set `tax: included`")
    holding = ["order_refund_amount"] if "order_refund_amount" in columns else []
    holding += ["order_amount"] if find_totals_as_lines(mappings, amount) else []
    if tax is None and taxes and holding:
        raise SettingsError(
            f"{taxes[0]} and {holding[0]} are mapped: whether the latter holds tax beside the price of the goods "
            "depends on whether prices contain it.",
            where=columns[taxes[0]].where,
            do="set `orders: {tax: included}` if prices contain the tax, or `added` if it is charged on top of them",
        )


def check_order_values(mappings: Mapping[str, SourceMapping]) -> None:
    """Refuse an amount of a whole order that would reach no line, or that would be taken from each line.

    Raises SettingsError.
    """
    lines, as_lines = find_mappings(mappings, "order_lines"), find_orders_as_lines(mappings)
    for source, head in find_mappings(mappings, "orders").items():
        if source in as_lines or any(share_orders(source, head, other, mapping) for other, mapping in lines.items()):
            continue
        for name in WHOLE_ORDER_AMOUNTS:
            if name in head.columns:
                raise SettingsError(
                    f"{name} would be lost: these orders have neither an order_amount nor lines.",
                    where=head.columns[name].where,
                    do="if another source holds their lines, add `namespace: {order_id: shop}` to both mappings; if "
                    "none does, map order_amount; or remove the column from orders",
                )
