"""The mapping of a table to order lines: who bought what, when, and for how much."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sqlglot import exp

from patron.examples.first_mapping.extras import OF_ORDERS, add_extras
from patron.examples.first_mapping.levels import Level, Lines, find_level
from patron.examples.first_mapping.line_money import AMOUNT_WORDS, LineMoney
from patron.examples.first_mapping.mapped import (
    EntityDraft,
    Mapped,
    map_number,
    map_text,
    name_column,
    to_decimal,
)
from patron.examples.first_mapping.money_tests import is_after, prove_by_totals
from patron.examples.first_mapping.order_ids import OrderIds, combine, find_order_ids
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.returns import ask_about_returns
from patron.examples.first_mapping.tables import Table, can_mean
from patron.examples.first_mapping.times import ask_for_time, choose_time
from patron.examples.first_mapping.words import score, split_words
from patron.ingest.profile.values import Values
from patron.project.mapping.expressions import READ_DIALECT, parse

_DAYS_OF_CUSTOMERS = 1.2
"""Days on which an id is found, on average, from which on it is a customer's and no order's."""

_PLAIN = ("line_number", "currency", "channel", "store_id", "staff_id", "country", "region")


@dataclass
class LinesContext:
    """What a table of lines is read with.

    place: of the source in patron.yaml. head: the table of its orders, with the column that is the id in each; None for
    lines that stand alone. head_columns: canonical column -> what the head maps. head_lookup: the name of its lookup.
    catalogue_price: the price of a line's product in a table of products, as it is looked up; None without one.
    """

    table: Table
    place: str
    head: Table | None = None
    own_id: str | None = None
    head_id: str | None = None
    head_columns: dict[str, Mapped | Question] = field(default_factory=dict)
    head_lookup: str = ""
    catalogue_price: Mapped | None = None


@dataclass
class LinesReading:
    """A draft of order lines, and what they come to. ids: None where the table has no ids of orders."""

    draft: EntityDraft
    ids: OrderIds | None
    money: LineMoney
    day: str | None
    customer: str | None


def read_lines(context: LinesContext) -> LinesReading:
    """Read a table as order lines."""
    table = context.table
    draft = EntityDraft("order_lines", has_shared_orders=context.head is not None, explode=table.explode)
    times = choose_time(table, "ordered_at", f"{context.place}.entities.order_lines.columns.ordered_at")
    day = times.day if times else None
    customer, store = choose_customer(table), table.find("store_id")
    if context.own_id is not None:
        ids: OrderIds | None = OrderIds((context.own_id,), table.columns[context.own_id].codes)
    else:
        ids = find_order_ids(table, day, customer, store)
    taken = {name for name in (day, customer, *(ids.columns if ids and len(ids.columns) == 1 else ())) if name}
    if times is not None:
        taken |= set(times.columns)
    draft.columns["order_id"] = _map_order_id(ids, context)
    _map_when_and_who(draft, context, times.mapped if times else None, customer)
    lines = Lines(ids.codes if ids is not None else np.arange(table.rows))
    product = _map_product(draft, table, taken)
    money = _read_money(draft, context, lines, product, taken)
    _map_plain(draft, table, taken)
    table.used |= taken
    draft.fill_down = _find_first_row_columns(draft, table, lines)
    ask_about_returns(draft, table, money)
    return LinesReading(draft, ids, money, day, customer)


def _map_order_id(ids: OrderIds | None, context: LinesContext) -> Mapped | Question:
    if ids is None:
        return ask_for_time(context.table, f"{context.place}.entities.order_lines.columns.order_id", "order_id")
    if len(ids.columns) == 1:
        return map_text(ids.columns[0])
    return Mapped(ids.expression, why="no column alone tells orders apart")


def _map_when_and_who(
    draft: EntityDraft, context: LinesContext, own_time: Mapped | Question | None, customer: str | None
) -> None:
    """Take time, customer, status and currency from the lines, or look them up on their order."""
    place = f"{context.place}.entities.order_lines.columns.ordered_at"
    head = context.head
    head_time = None if head is None else choose_time(head, "ordered_at", place, context.head_lookup)
    if head_time is not None:
        draft.columns["ordered_at"] = head_time.mapped
    elif own_time is not None:
        draft.columns["ordered_at"] = own_time
    else:
        draft.columns["ordered_at"] = ask_for_time(context.table, place, "ordered_at")
    if "customer_id" in context.head_columns:
        draft.columns["customer_id"] = _look_up(context.head_columns["customer_id"], context)
    elif customer is not None:
        draft.columns["customer_id"] = map_text(customer)
    for name in ("status", "currency", "store_id", "channel"):
        if name in context.head_columns and context.table.find(name) is None:
            draft.columns[name] = _look_up(context.head_columns[name], context)


def _look_up(mapped: Mapped | Question, context: LinesContext) -> Mapped | Question:
    """Write a column of the head as the lines look it up."""
    if isinstance(mapped, Question):
        return mapped
    if "." in mapped.expression and not mapped.expression.startswith('"'):  # it is looked up itself
        return Mapped(f"{context.head_lookup}.{mapped.expression}", mapped.format)
    bare = mapped.expression.strip('"').replace('""', '"')
    if context.head is not None and bare in context.head.columns:
        return Mapped(name_column(bare, context.head_lookup), mapped.format)
    return Mapped(_prefix_columns(mapped.expression, context.head_lookup), mapped.format)


def _prefix_columns(expression: str, lookup: str) -> str:
    def prefix(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        return exp.column(exp.to_identifier(node.name, quoted=True), table=lookup)

    return str(parse(expression, "").transform(prefix).sql(dialect=READ_DIALECT))


def choose_customer(table: Table) -> str | None:
    """Choose the column that says who bought: an id, or an e-mail address where ids are rarer."""
    ids, email = table.find("customer_id"), table.find("email")
    if ids is None:
        return email or _find_bare_customer(table)
    if email is not None and table.columns[ids].present < 0.5 * table.columns[email].present:
        return email
    return ids


def _find_bare_customer(table: Table) -> str | None:
    """Find an `id` that comes back on other days: an order has one day, a customer has several."""
    day = table.find("ordered_at")
    bare = next((name for name in table.columns if split_words(name) in ("id", "no", "number")), None)
    if day is None or bare is None or not can_mean(table.columns[bare], "customer_id"):
        return None
    pairs = len(np.unique(combine([table.columns[bare], table.columns[day]])))
    return bare if pairs > _DAYS_OF_CUSTOMERS * len(table.columns[bare].texts) else None


def _map_product(draft: EntityDraft, table: Table, taken: set[str]) -> Values | None:
    product = table.find("product_id", exclude=taken)
    name = table.find("product_name", exclude=taken | ({product} if product else set()))
    if product is None and name is not None:
        product = name
    if product is not None and name is None and score(product, "product_name") >= score(product, "product_id"):
        name = product if table.columns[product].numbers is None else None
    if product is None:
        return None
    draft.columns["product_id"] = map_text(product)
    taken.add(product)
    if name is not None:
        draft.columns["product_name"] = map_text(name)
        taken.add(name)
    return table.columns[product]


def _read_money(
    draft: EntityDraft, context: LinesContext, lines: Lines, product: Values | None, taken: set[str]
) -> LineMoney:
    table = context.table
    quantity = _take(table, "quantity", taken)
    place = f"{context.place}.entities.order_lines.columns"
    money = LineMoney(table, place, lines, table.columns[quantity] if quantity else None, product)
    of_orders = {
        name
        for name in table.list_fitting("order_total")
        if name not in taken
        and find_level(name, table.columns[name], lines) == "order"
        and "order" in _find_words(name)
    }
    of_orders |= {
        name
        for name in [*table.list_fitting("order_total"), *table.list_fitting("line_total")]
        if name not in taken and lines.has_several.any() and find_level(name, table.columns[name], lines) == "order"
    }
    price = next((name for name in table.list_fitting("unit_price") if name not in taken | of_orders), None)
    totals = [name for name in table.list_fitting("line_total") if name not in taken | of_orders | {price}]
    money.price = table.columns[price] if price else None
    money.catalogue_price = context.catalogue_price
    _map_order_amounts(draft, table, lines, taken, place)
    _map_discounts(draft, money, totals, of_orders, taken)
    money.read()
    draft.columns |= money.columns
    taken |= {values.name for values in (money.price, money.total, *money.discounts) if values is not None}
    _map_cost(draft, table, money, taken)
    return money


def _find_words(name: str) -> list[str]:
    return split_words(name).split()


def _map_order_amounts(draft: EntityDraft, table: Table, lines: Lines, taken: set[str], place: str) -> None:
    """Map tax, shipping, tips and refunds to the line or the order that they belong to."""
    for meaning, (of_line, of_order) in OF_ORDERS.items():
        if (name := table.find(meaning, exclude=taken)) is not None:
            level = find_level(name, table.columns[name], lines)
            draft.columns[of_order if level == "order" else of_line] = map_number(table.columns[name])
            taken.add(name)
    if (name := table.find("refund", exclude=taken)) is not None:
        draft.columns["order_refund_amount"] = map_number(table.columns[name])
        taken.add(name)
        if (when := choose_time(table, "refunded_at", f"{place}.refunded_at")) is not None:
            draft.columns["refunded_at"] = when.mapped
            taken |= set(when.columns)


def _map_discounts(
    draft: EntityDraft, money: LineMoney, totals: list[str], of_orders: set[str], taken: set[str]
) -> None:
    """Sort discounts into those of orders and those of lines, and choose the total that lines count by."""
    table, found = money.table, list[str]()
    for name in table.list_fitting("discount"):
        if name not in taken:
            level = _find_discount_level(name, money, of_orders, draft)
            if level == "line":
                found.append(name)
                continue
            values = table.columns[name]
            taken.add(name)
            if level == "unknown":
                draft.columns.setdefault("order_discount_amount", _ask_level(money.place, values))
            elif (mapped := _map_order_discount(values, money, totals, of_orders, draft)) is not None:
                draft.columns.setdefault("order_discount_amount", mapped)
    money.discounts = [table.columns[name] for name in found]
    chosen, money.is_after_discounts = _choose_total(table, totals, found)
    money.total = table.columns[chosen] if chosen else None
    taken |= set(totals) if money.is_after_discounts else set()


def _map_order_discount(
    values: Values, money: LineMoney, totals: list[str], of_orders: set[str], draft: EntityDraft
) -> Mapped | Question | None:
    """Map an order's discount; of totals of lines, only where they do not have it yet, or the user says."""
    off = np.abs(values.floats)
    if money.price is not None or not totals or not (np.nan_to_num(off) != 0).any():
        return map_positive(values)
    table, lines = money.table, money.lines
    by_line = table.columns[totals[0]].floats
    stated = [table.columns[name].floats for name in of_orders]
    extras = add_extras(draft, table, lines)
    if prove_by_totals(lines, by_line, off, stated, extras) == "order":
        return map_positive(values)
    if prove_by_totals(lines, by_line + np.nan_to_num(off), off, stated, extras) == "line":
        return None
    text = f'Is the order\'s "{values.name}" deducted from "{totals[0]}" of its lines already? The values do not say.'
    choices = (
        Choice("not yet", f"order_discount_amount: {map_positive(values).write()}"),
        Choice("already", f'# "{values.name}" is deducted from the lines already'),
    )
    return Question(money.place, text, choices, f"order_discount_amount: {UNKNOWN}")


def _find_discount_level(name: str, money: LineMoney, of_orders: set[str], draft: EntityDraft) -> Level:
    """Find whether a discount is of the line or the order: by the totals of orders, else by how it repeats."""
    table, values = money.table, money.table.columns[name]
    if money.price is not None and of_orders:
        gross = money.pieces * money.price.floats
        totals = [table.columns[total].floats for total in of_orders]
        extras = add_extras(draft, table, money.lines)
        proven = prove_by_totals(money.lines, gross, np.abs(values.floats), totals, extras, money.pieces)
        money.is_proven, money.is_off_each_piece = proven is not None, proven == "piece"
        if proven is not None:
            return "order" if proven == "order" else "line"
        if not _is_share(values) and (np.nan_to_num(values.floats) != 0).any():
            return "unknown"  # totals are there, and bear out no reading
    if _is_share(values) and not set(_find_words(name)) & AMOUNT_WORDS:
        return "line"
    return find_level(name, values, money.lines)


def _choose_total(table: Table, totals: list[str], discounts: list[str]) -> tuple[str | None, bool]:
    """Choose the total of lines, and say whether another proves that it is after the discount."""
    if len(discounts) == 1:
        off = table.columns[discounts[0]].floats
        for before in totals:
            for after in totals:
                if before != after and is_after(table.columns[before].floats, off, table.columns[after].floats):
                    return after, True
    net = [name for name in totals if set(_find_words(name)) & {"net", "netto", "ht"}]
    return next(iter([*net, *totals]), None), False


def map_positive(values: Values) -> Mapped:
    """Map an amount that is written as a negative number as a positive one."""
    known = values.floats[values.floats < 0]
    amount = to_decimal(values)
    return Mapped(f"abs({amount})") if len(known) and amount else map_number(values)


def _is_share(values: Values) -> bool:
    """Whether a discount may be a rate: it is then the same for lines and orders."""
    known = np.abs(values.floats[~np.isnan(values.floats)])
    has_sign = values.numbers is not None and bool(values.numbers.sign)
    return not has_sign and len(known) > 0 and 0 < known.max() <= 1


def _ask_level(place: str, values: Values) -> Question:
    mapped = map_positive(values).write()
    text = f'Is "{values.name}" a discount on the line, or on the whole order and repeated on its lines?'
    choices = (
        Choice("on the whole order", f"order_discount_amount: {mapped}"),
        Choice("on the line", f"line_discount_amount: {mapped}"),
    )
    return Question(place, text, choices, f"order_discount_amount: {UNKNOWN}")


def _map_cost(draft: EntityDraft, table: Table, money: LineMoney, taken: set[str]) -> None:
    """Map what lines cost the shop: a total, a cost of a piece, or revenue less profit."""
    cost, profit = table.find("cost", exclude=taken), table.find("profit", exclude=taken)
    amount = to_decimal(money.total) if money.total is not None else None
    if cost is not None and (not money.has_quantities or "total" in cost.lower()):
        draft.columns["cost_amount"] = map_number(table.columns[cost])
        taken.add(cost)
    elif cost is not None and "unit" in cost.lower() and money.quantity is not None:
        each, pieces = to_decimal(table.columns[cost]), to_decimal(money.quantity, "decimal(9, 3)")
        if each and pieces:
            draft.columns["cost_amount"] = Mapped(f"{pieces} * {each}")
            taken.add(cost)
    elif profit is not None and amount is not None and (gained := to_decimal(table.columns[profit])):
        draft.columns["cost_amount"] = Mapped(f"{amount} - {gained}", why="the total less the profit")
        taken.add(profit)


def _take(table: Table, meaning: str, taken: set[str]) -> str | None:
    name = table.find(meaning, exclude=taken)
    if name is not None:
        taken.add(name)
    return name


def _map_plain(draft: EntityDraft, table: Table, taken: set[str]) -> None:
    for meaning in _PLAIN:
        if meaning not in draft.columns and (name := table.find(meaning, exclude=taken)) is not None:
            draft.columns[meaning] = map_text(name)
            taken.add(name)


def _find_first_row_columns(draft: EntityDraft, table: Table, lines: Lines) -> list[str]:
    """Find the columns that the table writes on the first row of an order only; amounts of orders need no filling."""
    found = []
    for name in ("status", "customer_id", "currency", "channel", "store_id", "country", "region", "ordered_at"):
        mapped = draft.columns.get(name)
        if isinstance(mapped, Mapped):
            column = mapped.expression.strip('"')
            if column in table.columns and lines.is_on_first_rows(table.columns[column]):
                found.append(name)
    return found
