"""A gift wholesaler's invoices for a year, in the columns and with the traps of the UCI Online Retail files.

The purchases come from patron.simulate; what is added here is what makes such an export hard to read: credit
notes, postage and fees among the articles, stock corrections at no price, bad debts, exact duplicates.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from patron.simulate import ShopSpec, plan_shop, simulate_shop

HEADER = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
_FIRST_DAY, _LAST_DAY = date(2010, 12, 1), date(2011, 12, 9)
_FIRST_INVOICE, _FIRST_CUSTOMER = 536365, 12346
_HOME = "United Kingdom"
_COUNTRIES = (
    (_HOME, 0.90),
    ("Germany", 0.025),
    ("France", 0.025),
    ("EIRE", 0.02),
    ("Spain", 0.01),
    ("Netherlands", 0.01),
    ("Portugal", 0.01),
)
_RARE_COUNTRIES = ("Channel Islands", "RSA", "USA", "Unspecified", "European Community")
_STOCK_REMARKS = (
    "damaged",
    "check",
    "missing",
    "found",
    "?",
    "Damaged",
    "wrongly coded",
    "sold as set",
    "test",
)
_BAD_DEBT_AT = datetime(2011, 8, 12, 14, 50)
_SHARE_OF_TRAPS = 0.04


class Line(NamedTuple):
    """One line before its invoice has a number; lines of one event share an invoice. Prices in pence."""

    at: datetime
    event: tuple[int, str]
    code: str
    description: str
    quantity: int
    price: int
    customer: int | None
    country: str
    kind: str
    prefix: str = ""


def generate(folder: Path, *, lines: int = 25_000, seed: int = 1) -> dict[str, Any]:
    """Write some `lines` invoice lines to `folder`, one CSV file a month, and return the truth about them.

    A month a file: enough files to show that landing them one by one equals landing them at once, few enough
    to look at. The truth: files, lines, customers; kinds and amounts (quantity x price) by kind; and how many
    lines are exact_duplicates of an earlier one, guest_lines, null_descriptions, zero_prices,
    negative_quantities.
    """
    rng = random.Random(seed)
    lines_of_shop = list(_write_shop_lines(_specify_shop(lines, seed), rng))
    sold = [line for line in lines_of_shop if line.kind == "sale"]
    orders = list({line.event: line for line in sold}.values())
    traps = [*_draw_charges(orders, rng), *_draw_manual_corrections(orders, rng), *_draw_fees(orders, lines, rng)]
    traps += [*_draw_stock_corrections(sold, rng), *_draw_gifts(sold, rng), *_draw_bad_debts(lines)]
    traps += [*_draw_mistaken_order(orders, lines), *rng.choices(sold, k=len(sold) // 100)]
    every = sorted([*lines_of_shop, *traps], key=lambda line: (line.at, line.event))
    rows = _number_invoices(every)
    return {"files": _write(folder, rows), **_summarize(every, rows)}


def _specify_shop(lines: int, seed: int) -> ShopSpec:
    days = [_FIRST_DAY + timedelta(days=d) for d in range((_LAST_DAY - _FIRST_DAY).days + 1)]
    return plan_shop(
        round(lines * (1 - _SHARE_OF_TRAPS)),
        start=_FIRST_DAY,
        days=len(days),
        seed=seed,
        arrival_growth=0.4,
        r=0.9,
        alpha_weeks=8.0,
        s=0.5,
        beta_weeks=20.0,
        spend_p=4.0,
        spend_q=3.5,
        spend_gamma=100.0,
        lines_per_order=8.0,
        products=1500,
        price_change_rate=0.2,
        promotion_days=tuple(day for day in days if 10 <= day.day <= 13),
        promotion_cut=0.15,
        opening_hours=(8, 18),
        closed_weekdays=(5,),
        yearly_amplitude=0.4,
        guest_rate=0.25,
        countries=_COUNTRIES,
    )


def _write_shop_lines(spec: ShopSpec, rng: random.Random) -> Iterator[Line]:
    """Write the simulated lines as the wholesaler does; a discount stands on a credit note of its own."""
    table = simulate_shop(spec).table()
    products = table.group_by(["product_id", "product_name"]).aggregate([]).to_pylist()
    names = {product["product_id"]: product["product_name"] for product in products}
    articles = {**_describe_articles(names, rng), "DISCOUNT": ("D", "Discount")}
    rare = _assign_rare_countries(table["customer_id"].to_pylist())
    for row in table.drop_columns(["product_name", "line_number", "returned_order_id"]).to_pylist():
        customer, kind = row["customer_id"], row["kind"]
        code, description = articles[row["product_id"]]
        yield Line(
            at=row["ordered_at"].replace(second=0),
            event=(row["order_id"], kind if kind == "discount" else ""),
            code=code,
            description=description,
            quantity=row["quantity"],
            price=int(row["unit_price"] * 100),
            customer=customer,
            country=rare.get(customer, row["country"]),
            kind=kind,
            prefix="" if kind == "sale" else "C",
        )


def _describe_articles(names: dict[str, str], rng: random.Random) -> dict[str, tuple[str, str]]:
    """Return the stock code (five digits, with a letter for colours) and description of each article."""
    numbers = rng.sample(range(10_000, 90_000), len(names))
    letters = rng.choices(["", "A", "B", "C"], [17, 1, 1, 1], k=len(names))
    endings = rng.choices(["", " ", ", SET OF 4", ' 7" SIZE'], [90, 5, 4, 1], k=len(names))
    return {
        product_id: (f"{number}{letter}", names[product_id].upper() + ending)
        for product_id, number, letter, ending in zip(sorted(names), numbers, letters, endings, strict=True)
    }


def _assign_rare_countries(customer_ids: list[int | None]) -> dict[int | None, str]:
    """Give each rare country one customer, so that even a small shop has them all."""
    known = sorted({c for c in customer_ids if c is not None})
    return dict(zip(known[3::7], _RARE_COUNTRIES, strict=False))


def _draw_charges(orders: list[Line], rng: random.Random) -> Iterator[Line]:
    """Draw postage abroad, carriage to the islands, and the web shop's own postage for guests."""
    for order in orders:
        if order.customer is None:
            if rng.random() < 0.1:
                yield _add_to_invoice(order, "DOT", "DOTCOM POSTAGE", rng.randint(1500, 40_000), "charge")
        elif order.country != _HOME and rng.random() < 0.5:
            is_island = order.country in {"EIRE", "Channel Islands"}
            code, description, price = ("C2", "CARRIAGE", 5000) if is_island else ("POST", "POSTAGE", 1800)
            yield _add_to_invoice(order, code, description, price, "charge")


def _draw_manual_corrections(orders: list[Line], rng: random.Random) -> Iterator[Line]:
    """Draw prices corrected by hand, upwards on the invoice and downwards on a credit note."""
    for order in rng.choices(orders, k=4 + len(orders) // 150):
        yield _add_to_invoice(order, "M", "Manual", rng.randint(100, 9000), "adjustment")
    for order in rng.choices(orders, k=4 + len(orders) // 150):
        yield _credit(order, "M", "Manual", rng.randint(100, 9000), "adjustment")


def _draw_fees(orders: list[Line], lines: int, rng: random.Random) -> Iterator[Line]:
    """Draw marketplace and bank fees, some of them charged to a customer."""
    for order in rng.choices(orders, k=12):
        fee = rng.randint(2 * lines, 6 * lines)
        yield _credit(order, "AMAZONFEE", "AMAZON FEE", fee, "charge")._replace(customer=None, country=_HOME)
    for order in rng.choices(orders, k=12):
        bank = _credit(order, "BANK CHARGES", "Bank Charges", rng.randint(800, 2500), "charge")
        yield bank._replace(customer=None, country=_HOME)
    for order in rng.choices(orders, k=5):
        yield _add_to_invoice(order, "BANK CHARGES", "Bank Charges", 1500, "charge")


def _draw_stock_corrections(sold: list[Line], rng: random.Random) -> Iterator[Line]:
    """Draw stock corrections through the till: no price, no customer, a remark or nothing for a name."""
    for number, line in enumerate(rng.choices(sold, k=20 + len(sold) // 200)):
        yield line._replace(
            event=(number, "stock"),
            description="" if rng.random() < 0.5 else rng.choice(_STOCK_REMARKS),
            quantity=rng.choice([-1, -1, -1, 1]) * rng.randint(1, 200),
            price=0,
            customer=None,
            country=_HOME,
            kind="adjustment",
            prefix="",
        )


def _draw_gifts(sold: list[Line], rng: random.Random) -> Iterator[Line]:
    """Draw articles given free with an order."""
    known = [line for line in sold if line.customer is not None]
    for line in rng.choices(known, k=3 + len(known) // 2000):
        yield line._replace(price=0, quantity=1, kind="free")


def _draw_bad_debts(lines: int) -> Iterator[Line]:
    """Draw one debt written up once and written off twice, at prices below zero."""
    debt = 27 * lines + 41
    for minute, price in enumerate((debt, -debt, -debt)):
        at, event = _BAD_DEBT_AT + timedelta(minutes=minute), (minute, "debt")
        yield Line(at, event, "B", "Adjust bad debt", 1, price, None, _HOME, "bad_debt", "A")


def _draw_mistaken_order(orders: list[Line], lines: int) -> Iterator[Line]:
    """Draw an order of far too many pieces by mistake, and its full cancellation some minutes later."""
    last = next(order for order in reversed(orders) if order.customer is not None)
    order = last._replace(event=(0, "mistake"), quantity=lines // 20)
    yield order
    later = order.at + timedelta(minutes=12)
    yield order._replace(at=later, event=(1, "mistake"), quantity=-order.quantity, kind="return", prefix="C")


def _add_to_invoice(order: Line, code: str, description: str, price: int, kind: str) -> Line:
    """Make one more line on the order's invoice."""
    return order._replace(code=code, description=description, quantity=1, price=price, kind=kind)


def _credit(order: Line, code: str, description: str, price: int, kind: str) -> Line:
    """Make a credit note of one line for the order's customer."""
    line = _add_to_invoice(order, code, description, price, kind)
    return line._replace(event=(order.event[0], code), quantity=-1, prefix="C")


def _number_invoices(lines: list[Line]) -> list[list[str]]:
    """Number the invoices and credit notes in the order of time, and return the rows of the files."""
    numbers: dict[tuple[int, str], int] = defaultdict(lambda: _FIRST_INVOICE + len(numbers))
    return [
        [
            f"{line.prefix}{numbers[line.event]}",
            line.code,
            line.description,
            str(line.quantity),
            str(line.at),
            str(line.price / 100),
            "" if line.customer is None else f"{_FIRST_CUSTOMER + line.customer}.0",
            line.country,
        ]
        for line in lines
    ]


def _write(folder: Path, rows: list[list[str]]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    months: dict[str, list[list[str]]] = defaultdict(list)
    for row in rows:
        months[row[4][:7]].append(row)
    for month, of_month in months.items():
        with (folder / f"{month}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *of_month])
    return [folder / f"{month}.csv" for month in months]


def _summarize(lines: list[Line], rows: list[list[str]]) -> dict[str, Any]:
    pence: Counter[str] = Counter()
    for line in lines:
        pence[line.kind] += line.quantity * line.price
    return {
        "lines": len(lines),
        "customers": len({line.customer for line in lines} - {None}),
        "kinds": dict(Counter(line.kind for line in lines)),
        "amounts": {kind: Decimal(total).scaleb(-2) for kind, total in pence.items()},
        "exact_duplicates": len(rows) - len({tuple(row) for row in rows}),
        "guest_lines": sum(line.customer is None for line in lines),
        "null_descriptions": sum(not line.description for line in lines),
        "zero_prices": sum(line.price == 0 for line in lines),
        "negative_quantities": sum(line.quantity < 0 for line in lines),
    }
