"""Exports as shops deliver them: the layouts of the examples and of the platforms, with a mark in every row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

MARK = re.compile(rb"Q7[0-9]{6}Z")
"""What stands once in each row of an export, so that a row can be followed through whatever happens to the file."""


@dataclass(frozen=True)
class Export:
    """A table as text. Each row has a mark in one cell."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


LAYOUTS: dict[str, tuple[str, ...]] = {
    "online_retail": (
        *("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"),
    ),
    "cafe": (
        *("transaction_id", "transaction_date", "transaction_time", "sales_outlet_id", "staff_id", "customer_id"),
        *("instore_yn", "order", "line_item_id", "product_id", "quantity", "line_item_amount", "unit_price"),
    ),
    "shopify": (
        *("Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Shipping", "Taxes", "Total"),
        *("Discount Code", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price"),
        *("Lineitem sku", "Billing Name", "Billing City", "Shipping Country", "Phone", "Refunded Amount", "Tags"),
    ),
    "woocommerce": ("Order Number", "Order Date", "Customer Email", "Item Name", "SKU", "Quantity", "Item Cost"),
    "stripe": ("id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Customer Email", "Status"),
    "amazon": ("amazon-order-id", "purchase-date", "order-status", "sku", "quantity", "currency", "item-price"),
    "deliveries": ("ID", "Delivery_person_ID", "Order_Date", "Time_Orderd", "Weatherconditions", "multiple_deliveries"),
    "narrow": ("id", "spent"),
}

_WORDS = ("Mug", "Plate", "Crème brûlée", "Straße", "white, hanging", '5" nail', "O'Neill", "日本茶", "naïve", "NaN ")


def list_exports(random: Random) -> list[Export]:
    """Make one export of each layout."""
    return [_make_export(random, name, header) for name, header in LAYOUTS.items()]


def read_real_exports(folder: Path, random: Random) -> list[Export]:
    """Read some rows of the real files of a folder, marks added; none where the folder is absent."""
    files = sorted(folder.glob("**/*.csv"))
    read = [_read_real(file) for file in random.sample(files, min(len(files), 60))]
    return [export for export in read if export is not None]


def _read_real(file: Path) -> Export | None:
    import csv

    with file.open(encoding="latin-1", newline="") as text:
        rows = [row for row, _ in zip(csv.reader(text), range(40), strict=False)]
    width = len(rows[0]) if rows else 0
    body = [row for row in rows[1:] if len(row) == width]
    if width < 2 or len(body) < 3:
        return None
    marked = tuple((f"Q7{number:06}Z", *row) for number, row in enumerate(body))
    return Export(f"real {file.parent.name}", ("mark", *rows[0]), marked)


def _make_export(random: Random, name: str, header: tuple[str, ...]) -> Export:
    rows = [
        (f"Q7{number:06}Z", *(_choose_maker(column)(random) for column in header[1:]))
        for number in range(random.randint(3, 30))
    ]
    return Export(name, header, tuple(rows))


def _choose_maker(column: str) -> Callable[[Random], str]:
    return next((make for words, make in _MAKERS if re.search(words, column.casefold())), _make_text)


def _make_time(random: Random) -> str:
    return f"2024-{random.randint(1, 12):02}-{random.randint(1, 28):02} {random.randint(0, 23):02}:15:00"


def _make_money(random: Random) -> str:
    return random.choice(("", f"{random.randint(-500, 99999) / 100}", "$18.00 ", "1,299.00", "0"))


def _make_text(random: Random) -> str:
    return random.choice((*_WORDS, "", f"word {random.randint(0, 99)}"))


def _make_person(random: Random) -> str:
    return random.choice(("", f"ana{random.randint(0, 9)}@example.com", "17850.0", "0"))


_MAKERS: tuple[tuple[str, Callable[[Random], str]], ...] = (
    ("date|created|paid at|time", _make_time),
    ("price|amount|total|cost|spent|tax|shipping$", _make_money),
    ("mail|customer", _make_person),
    ("quantity|order$|_id$", lambda random: str(random.randint(-3, 40))),
    ("", _make_text),
)
