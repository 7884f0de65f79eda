"""One simulated truth of orders, written in several layouts, and what its money comes to in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from fractions import Fraction

from shops.building import Row

RATES = [
    ("USD", dt.date(2023, 12, 31), Fraction("0.91")),
    ("USD", dt.date(2024, 2, 10), Fraction("0.9237")),
    ("JPY", dt.date(2024, 1, 1), Fraction("0.006137")),
]
"""Euros for one unit, from a day on."""

_PRICES = ("0.35", "1.99", "4.00", "7.25", "19.90", "120.00")


@dataclass
class Line:
    article: str
    pieces: int
    price: Fraction
    off: Fraction

    @property
    def amount(self) -> Fraction:
        return self.pieces * self.price - self.off


@dataclass
class Order:
    """An order; amounts in its currency. refunded: the money given back, tax and shipping included."""

    number: str
    at: dt.datetime
    who: str | None
    status: str
    currency: str
    lines: list[Line]
    off: Fraction = Fraction(0)
    tax: Fraction = Fraction(0)
    shipping: Fraction = Fraction(0)
    tip: Fraction = Fraction(0)
    refunded: Fraction = Fraction(0)
    refunded_at: dt.datetime | None = None

    @property
    def goods(self) -> Fraction:
        return sum((line.amount for line in self.lines), Fraction(0)) - self.off

    @property
    def total(self) -> Fraction:
        return self.goods + self.tax + self.shipping + self.tip


@dataclass
class Truth:
    """Orders of a shop in euros, with taxes on top of prices. Goods that came back are orders of negative pieces.

    has_negative_prices: whether exports write these with a price below zero, instead of pieces below zero.
    """

    orders: list[Order] = field(default_factory=list)
    has_negative_prices: bool = False

    def net_by_day_and_customer(self) -> dict[tuple[dt.date, str | None], Fraction]:
        """What each customer's orders and refunds come to on each day, in euros."""
        net: dict[tuple[dt.date, str | None], Fraction] = {}
        for order in self.orders:
            if order.status != "void":
                for day, amount in _value(order):
                    net[day, order.who] = net.get((day, order.who), Fraction(0)) + amount
        return net


def _value(order: Order) -> list[tuple[dt.date, Fraction]]:
    """The goods of an order on its day, and what was given back for goods on the day of the refund."""
    rate = _find_rate(order.currency, order.at.date())
    shares = _share(order.off, [line.amount for line in order.lines])
    sold = [
        round_half_up(line.pieces * line.price * rate, 4) - round_half_up((line.off + share) * rate, 4)
        for line, share in zip(order.lines, shares, strict=True)
    ]
    value = [(order.at.date(), sum(sold, Fraction(0)))]
    if order.refunded:
        untaxed = order.refunded
        if order.tax > 0 and order.goods + order.shipping + order.tip > 0:
            untaxed = round_half_up(order.refunded * (order.total - order.tax) / order.total, 2)
        goods = min(untaxed, order.goods) if order.goods > 0 else untaxed
        back = _share(goods, [line.amount for line in order.lines])
        day = (order.refunded_at or order.at).date()
        value.append((day, -sum((round_half_up(share * rate, 4) for share in back), Fraction(0))))
    return value


def _share(amount: Fraction, weights: list[Fraction]) -> list[Fraction]:
    """In proportion, in whole hundredths, with the rounding carried on from line to line."""
    weights = [max(weight, Fraction(0)) for weight in weights]
    if not any(weights):
        weights = [Fraction(1), *[Fraction(0)] * (len(weights) - 1)]
    whole, so_far, given, shares = sum(weights), Fraction(0), Fraction(0), []
    for weight in weights:
        so_far += weight
        until = amount if so_far == whole else round_half_up(amount * so_far / whole, 2)
        shares.append(until - given)
        given = until
    return shares


def round_half_up(value: Fraction, places: int) -> Fraction:
    """Half away from zero."""
    scaled = abs(value) * 10**places
    rounded = Fraction(int(scaled + Fraction(1, 2)), 10**places)
    return rounded if value >= 0 else -rounded


def _find_rate(currency: str, day: dt.date) -> Fraction:
    return Fraction(1) if currency == "EUR" else [r for c, since, r in RATES if c == currency and since <= day][-1]


def draw(seed: int, orders: int = 60) -> Truth:
    """Draw a shop's orders."""
    chance = random.Random(seed)
    drawn = [_draw_order(chance, number) for number in range(1, orders + 1)]
    returned = [_draw_return(chance, number, chance.choice(drawn)) for number in range(1, orders // 8)]
    return Truth([*drawn, *returned], chance.choice((True, False)))


def _draw_order(chance: random.Random, number: int) -> Order:
    lines = []
    for article in chance.sample(("mug", "bowl", "vase", "plate", "spoon"), chance.choice((1, 1, 2, 3, 5))):
        pieces, price = chance.randint(1, 9), Fraction(chance.choice(_PRICES))
        off = round_half_up(pieces * price * chance.choice((0, 0, 0, 10, 25)) / 100, 2)
        lines.append(Line(article, pieces, price, off))
    order = Order(
        f"N{number}",
        dt.datetime(2024, 1, 1) + dt.timedelta(minutes=chance.randrange(60 * 24 * 90)),
        chance.choice([*(f"c{n}" for n in range(9)), None]),
        chance.choice(["paid"] * 6 + ["void"]),
        chance.choice(["EUR"] * 4 + ["USD", "JPY"]),
        lines,
    )
    order.off = round_half_up(order.goods * chance.choice((0, 0, 0, 7, 33, 100)) / 100, 2)
    order.tax = round_half_up(order.goods * chance.choice((0, 19, 21)) / 100, 2)
    order.shipping = Fraction(chance.choice(("0", "0", "4.95", "12.01")))
    order.tip = Fraction(chance.choice(("0", "0", "0", "1.50")))
    order.refunded = round_half_up(order.total * chance.choice((0, 0, 0, 0, 15, 50, 100)) / 100, 2)
    if order.refunded:
        order.refunded_at = order.at + dt.timedelta(days=chance.randint(0, 20))
    return order


def _draw_return(chance: random.Random, number: int, order: Order) -> Order:
    line = chance.choice(order.lines)
    back = Line(line.article, -chance.randint(1, line.pieces), line.price, Fraction(0))
    at = order.at + dt.timedelta(days=chance.randint(1, 20))
    return Order(f"R{number}", at, order.who, "paid", order.currency, [back])


HEAD = {
    "order_id": "number",
    "ordered_at": "placed_at",
    "customer_id": "who",
    "status": "state",
    "currency": "money",
    "order_discount_amount": "off_all",
    "order_tax_amount": "tax",
    "order_shipping_amount": "shipping",
    "order_tip_amount": "tip",
    "order_refund_amount": "given_back",
    "refunded_at": "given_back_at",
}
ITEM = {
    "order_id": "number",
    "product_id": "article",
    "quantity": "pieces",
    "unit_price": "price",
    "line_discount_amount": "off",
}
LAYOUTS = ("flat", "line_totals", "heads_and_lines", "totals", "first_rows")


def settings(layout: str) -> Row:
    """A natural mapping of a layout."""
    rates = {"currency": "money", "valid_from_date": "since", "exchange_rate": "euros"}
    return {
        "shop": {"name": "Layouts", "currency": "EUR"},
        "as_of": "2024-06-30",
        "orders": {"spend_statuses": ["paid"], "tax": "added"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {
            "rates": {"files": "rates*.csv", "entities": {"exchange_rates": {"columns": rates}}},
            **_sources(layout),
        },
    }


def _sources(layout: str) -> Row:
    if layout == "flat":
        lines = {"columns": HEAD | ITEM}
        return {"lines": {"files": "lines*.csv", "entities": {"order_lines": lines}}}
    if layout == "line_totals":
        columns = {name: column for name, column in (HEAD | ITEM).items() if name != "unit_price"}
        lines = {"columns": columns | {"line_amount": "comes_to"}}
        return {"lines": {"files": "lines*.csv", "entities": {"order_lines": lines}}}
    if layout == "first_rows":
        lines = {"columns": HEAD | ITEM, "fill_down": ["ordered_at", "customer_id", "status", "currency"]}
        return {"lines": {"files": "lines*.csv", "entities": {"order_lines": lines}}}
    shared = {"namespace": {"order_id": "shop"}}
    heads = {"columns": HEAD | ({"order_amount": "total"} if layout == "totals" else {}), **shared}
    looked_up = {"ordered_at": "heads.placed_at"}
    looked_up |= {"customer_id": "heads.who", "currency": "heads.money"} if layout == "totals" else {}
    lines = {"columns": ITEM | looked_up, **shared}
    return {
        "heads": {"files": "heads*.csv", "entities": {"orders": heads}},
        "items": {
            "files": "items*.csv",
            "lookups": {"heads": {"on": "number"}},
            "entities": {"order_lines": lines},
        },
    }


def files(truth: Truth, layout: str, part: str = "") -> dict[str, list[Row]]:
    """The files of a layout. part: a suffix of their names."""
    rates = [{"money": c, "since": since.isoformat(), "euros": float(rate)} for c, since, rate in RATES]
    written: dict[str, list[Row]] = {f"rates{part}.csv": rates}
    heads = [_head(order, layout) for order in truth.orders]
    is_negative = truth.has_negative_prices
    items = [[{"number": o.number, **_item(line, is_negative)} for line in o.lines] for o in truth.orders]
    if layout in ("heads_and_lines", "totals"):
        return written | {f"heads{part}.csv": heads, f"items{part}.csv": [line for lines in items for line in lines]}
    blank = dict.fromkeys(heads[0])
    rows = []
    for head, lines in zip(heads, items, strict=True):
        for place, line in enumerate(lines):
            rest = blank if layout == "first_rows" and place else head
            rows.append(rest | line)
    return written | {f"lines{part}.csv": rows}


def _head(order: Order, layout: str) -> Row:
    head: Row = {
        "number": order.number,
        "placed_at": order.at.isoformat(sep=" "),
        "who": order.who,
        "state": order.status,
        "money": order.currency,
        "off_all": _money(order.off),
        "tax": _money(order.tax),
        "shipping": _money(order.shipping),
        "tip": _money(order.tip),
        "given_back": _money(order.refunded),
        "given_back_at": order.refunded_at.isoformat(sep=" ") if order.refunded_at else None,
    }
    return head | ({"total": _money(order.total)} if layout == "totals" else {})


def _item(line: Line, is_negative: bool) -> Row:
    """A line as exports write it. is_negative: the price of goods that came back is below zero, not their number."""
    sign = -1 if is_negative and line.pieces < 0 else 1
    written = {"article": line.article, "pieces": sign * line.pieces, "price": _money(sign * line.price)}
    return written | {"off": _money(line.off), "comes_to": _money(line.amount)}


def _money(value: Fraction) -> str:
    return f"{float(value):.2f}"
