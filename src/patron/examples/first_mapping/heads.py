"""The mapping of a table to orders: heads of lines that another table gives, or orders without lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from patron.examples.first_mapping.line_money import LineMoney
from patron.examples.first_mapping.lines import choose_customer, map_positive
from patron.examples.first_mapping.mapped import EntityDraft, Mapped, map_number, map_text, to_decimal
from patron.examples.first_mapping.money_tests import ENOUGH, TOLERANCE, Floats
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.tables import Table
from patron.examples.first_mapping.taxes import Tax, find_tax
from patron.examples.first_mapping.times import ask_for_time, choose_time
from patron.ingest.profile.values import Values

_PLAIN = ("currency", "channel", "store_id", "staff_id", "payment_method", "country", "region")
_AMOUNTS = {
    "tax": "order_tax_amount",
    "shipping": "order_shipping_amount",
    "tip": "order_tip_amount",
    "gift_card": "order_gift_card_amount",
    "refund": "order_refund_amount",
}
_GOODS_WORDS = ("sub", "goods", "net", "netto", "ht", "zwischensumme", "warenwert", "sous", "merchandise")


@dataclass
class HeadReading:
    """A draft of orders. order_id, customer: the columns that it chose."""

    draft: EntityDraft
    order_id: str
    customer: str | None


def read_head(table: Table, order_id: str, place: str, customer: Mapped | None) -> HeadReading:
    """Read who ordered what order, and when. customer: how the customer is mapped, if not by the table's own column."""
    draft = EntityDraft("orders")
    taken = {order_id}
    draft.columns["order_id"] = map_text(order_id)
    times = choose_time(table, "ordered_at", f"{place}.entities.orders.columns.ordered_at")
    if times is None:
        draft.columns["ordered_at"] = ask_for_time(table, f"{place}.entities.orders.columns.ordered_at", "ordered_at")
    else:
        draft.columns["ordered_at"] = times.mapped
        taken |= set(times.columns)
    who = choose_customer(table)
    if who is not None and who not in taken:
        draft.columns["customer_id"] = customer or map_text(who)
        taken.add(who)
    for meaning in _PLAIN:
        if (name := table.find(meaning, exclude=taken)) is not None:
            draft.columns[meaning] = map_text(name)
            taken.add(name)
    table.used |= taken
    return HeadReading(draft, order_id, who)


def map_head_values(draft: EntityDraft, table: Table, *, has_lines: bool) -> None:
    """Map the values of whole orders: tax, shipping, tips, gift cards, refunds.

    has_lines: whether lines give the orders' goods; else tax, shipping and tips are a matter of the orders' amount.
    """
    for meaning, canonical in _AMOUNTS.items():
        if not has_lines and meaning in ("tax", "shipping", "tip"):
            continue
        if (name := table.find(meaning, exclude=table.used)) is not None:
            draft.columns[canonical] = map_number(table.columns[name])
            table.used.add(name)
    if (
        "order_refund_amount" in draft.columns
        and (when := choose_time(table, "refunded_at", "refunded_at")) is not None
    ):
        draft.columns["refunded_at"] = when.mapped
        table.used |= set(when.columns)


def map_control_total(
    draft: EntityDraft, table: Table, order_id: str, lines_table: Table, own_id: str, money: LineMoney, place: str
) -> str | None:
    """Map the total that equals the sum of the lines, and the discount that the lines do not have yet.

    own_id: the order of each line. money: of the lines; nothing is compared while it is an open question. Returns a
    doubt where orders have totals, and none follows from their lines.
    """
    if money.net is None:
        return None
    sums = _add_up(table.columns[order_id], lines_table.columns[own_id], money.net)
    known = ~np.isnan(sums)
    discount = table.find("discount", exclude=table.used)
    totals = [name for name in table.list_fitting("order_total") if name not in table.used]
    off = np.zeros(len(sums)) if discount is None else np.abs(np.nan_to_num(table.columns[discount].floats))
    extras = _add_extras(draft, table)
    same = [name for name in totals if _share_equal(sums, table.columns[name].floats, known) >= ENOUGH]
    if same:
        draft.columns["order_amount"] = map_number(table.columns[same[0]], why="equals the sum of the lines")
        table.used.add(same[0])
    if discount is not None and (off > 0).any():
        deducted = _find_deduction(table, totals, (sums, off, extras), known & (off > 0))
        _map_head_discount(draft, table.columns[discount], deducted, money, place, has_totals=bool(totals))
        table.used.add(discount)
    follows = any(
        _share_equal(sums - less + more, table.columns[name].floats, known) >= ENOUGH
        for name in totals
        for less in (0.0, off)
        for more in (0.0, extras)
    )
    if follows or not totals or not known.any():
        return None
    listed = ", ".join(f'"{name}"' for name in totals)
    return f"{table.name}: {listed} does not follow from the lines of most orders; see what it holds that they do not."


def find_tax_of_heads(
    draft: EntityDraft, table: Table, order_id: str, lines_table: Table, own_id: str, money: LineMoney
) -> Tax | None:
    """Find whether prices contain the tax of heads, by a total of theirs."""
    tax = _read(draft, table, "order_tax_amount")
    if tax is None or money.net is None:
        return None
    goods = _add_up(table.columns[order_id], lines_table.columns[own_id], money.net)
    off = _read(draft, table, "order_discount_amount")
    goods = goods if off is None else goods - np.abs(np.nan_to_num(off))
    others = _add_extras(draft, table) - np.nan_to_num(tax)
    found = {find_tax(goods, table.columns[name].floats, tax, others) for name in table.list_fitting("order_total")}
    found -= {None}
    return next(iter(found)) if len(found) == 1 else "added" if found else None


def _read(draft: EntityDraft, table: Table, canonical: str) -> Floats | None:
    mapped = draft.columns.get(canonical)
    name = mapped.expression.strip('"') if isinstance(mapped, Mapped) else ""
    return table.columns[name].floats if name in table.columns else None


def _find_deduction(
    table: Table, totals: list[str], parts: tuple[Floats, Floats, Floats], telling: np.ndarray[Any, np.dtype[np.bool_]]
) -> bool | None:
    """Find whether totals have a discount deducted that the lines do not have; None where they do not say.

    parts: sums of lines, discounts, and tax with postage and tips.
    """
    sums, off, extras = parts
    final = [name for name in totals if not any(word in name.lower() for word in _GOODS_WORDS)]

    def has_match(names: list[str], less: Floats | float) -> bool:
        return any(
            _share_equal(sums - less + more, table.columns[name].floats, telling) >= ENOUGH
            for name in names
            for more in (0.0, extras)
        )

    if has_match(totals, off):
        return True
    return False if has_match(final, 0.0) else None


def _map_head_discount(
    draft: EntityDraft, discount: Values, deducted: bool | None, money: LineMoney, place: str, *, has_totals: bool
) -> None:
    """Map a discount of orders: proven, or beside prices of lines; ask where their lines may have it already."""
    if deducted or (deducted is None and money.total is None and not has_totals):
        draft.columns["order_discount_amount"] = map_positive(discount)
    elif deducted is None:
        text = f'Do the lines of an order have its "{discount.name}" deducted already? The totals do not say.'
        choices = (
            Choice("not yet", f"order_discount_amount: {map_positive(discount).write()}"),
            Choice("already", f'# "{discount.name}" is deducted from the lines already'),
        )
        opened = f"order_discount_amount: {UNKNOWN}"
        draft.columns["order_discount_amount"] = Question(f"{place}.entities.orders.columns", text, choices, opened)


def _add_extras(draft: EntityDraft, table: Table) -> Floats:
    """Add up tax, shipping and tips of each order."""
    names = ("order_tax_amount", "order_shipping_amount", "order_tip_amount")
    mapped = [draft.columns[name] for name in names if name in draft.columns]
    columns = [one.expression.strip('"') for one in mapped if isinstance(one, Mapped)]
    rows = len(next(iter(table.columns.values())))
    return sum((np.nan_to_num(table.columns[name].floats) for name in columns if name in table.columns), np.zeros(rows))


def _add_up(ids: Values, own_ids: Values, net: Floats) -> Floats:
    """Add up lines by the orders of another table; NaN for orders without lines."""
    places = {text: place for place, text in enumerate(ids.texts)}
    of_own = np.array([places.get(text, -1) for text in own_ids.texts] + [-1])[own_ids.codes]
    found = of_own >= 0
    sums = np.bincount(of_own[found], weights=np.nan_to_num(net[found]), minlength=len(ids.texts))
    counts = np.bincount(of_own[found], minlength=len(ids.texts))
    return np.append(np.where(counts > 0, sums, np.nan), np.nan)[ids.codes]


def _share_equal(one: Floats, other: Floats, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    if not rows.any():
        return 0.0
    with np.errstate(invalid="ignore"):
        return float((np.abs(one[rows] - other[rows]) <= TOLERANCE).mean())


def map_amount(draft: EntityDraft, table: Table, place: str) -> None:
    """Map what an order without lines is worth: its goods, without tax, postage and tips where these are told apart."""
    totals = [name for name in table.list_fitting("order_total") if name not in table.used]
    totals += [name for name in table.list_fitting("line_total") if name not in table.used and name not in totals]
    goods = [name for name in totals if any(word in name.lower() for word in _GOODS_WORDS)]
    extras = [
        name for name in (table.find(meaning, exclude=table.used) for meaning in ("tax", "shipping", "tip")) if name
    ]
    extras = [name for name in extras if (np.nan_to_num(table.columns[name].floats) != 0).any()]
    where = f"{place}.entities.orders.columns"
    if not totals:
        draft.columns["order_amount"] = _ask_for_amount(table, where)
        return
    chosen = totals[0]
    table.used |= {*totals, *extras}
    if not extras or len(totals) == 1 == len(goods):
        draft.columns["order_amount"] = map_number(table.columns[goods[0] if goods else chosen])
        _map_discount_of_goods(draft, table, goods[0] if goods else chosen, totals)
        return
    whole = next((name for name in totals if name not in goods), chosen)
    draft.columns["order_amount"] = _choose_goods(table, whole, goods, extras, where)


def _choose_goods(table: Table, whole: str, goods: list[str], extras: list[str], where: str) -> Mapped | Question:
    """Choose the amount that the total less its extras proves to be the goods; ask where none is proven."""
    added = sum((np.nan_to_num(table.columns[name].floats) for name in extras), np.zeros(len(table.columns[whole])))
    rest = table.columns[whole].floats - added
    known = ~np.isnan(rest)
    for name in goods:
        if _share_equal(rest, table.columns[name].floats, known) >= ENOUGH:
            return map_number(table.columns[name], why=f'"{whole}" without {_list(extras)}')
    amounts = [to_decimal(table.columns[name]) for name in (whole, *extras)]
    less = Mapped(" - ".join([str(amounts[0]), *(f"coalesce({amount}, 0)" for amount in amounts[1:])]))
    choices = [
        Choice(f'"{name}"', f"order_amount: {map_number(table.columns[name]).write()}") for name in (*goods, whole)
    ]
    if all(amounts):
        choices.insert(0, Choice(f'"{whole}" less {_list(extras)}', f"order_amount: {less.write()}"))
    text = f"What do the goods of an order of {table.name} come to? Tax, postage and tips are no revenue."
    return Question(where, text, tuple(choices), f"order_amount: {UNKNOWN}")


def _map_discount_of_goods(draft: EntityDraft, table: Table, goods: str, totals: list[str]) -> None:
    """Map a discount where another total proves that it is still in the goods' amount."""
    discount = table.find("discount", exclude=table.used)
    if discount is None:
        return
    off = np.abs(np.nan_to_num(table.columns[discount].floats))
    after = table.columns[goods].floats - off
    if (off > 0).any() and any(
        _share_equal(after, table.columns[name].floats, off > 0) >= ENOUGH for name in totals if name != goods
    ):
        draft.columns["order_discount_amount"] = map_positive(table.columns[discount])
        table.used.add(discount)


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _ask_for_amount(table: Table, where: str) -> Question:
    numbers = [name for name, values in table.columns.items() if values.numbers is not None and name not in table.used]
    choices = tuple(Choice(name, f"order_amount: {map_number(table.columns[name]).write()}") for name in numbers[:9])
    return Question(
        where, f"Which column of {table.name} is the amount of an order?", choices, f"order_amount: {UNKNOWN}"
    )
