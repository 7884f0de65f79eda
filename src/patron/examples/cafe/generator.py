"""Half a year of a coffee shop with three outlets, in the columns and with the traps of the sample coffee shop's files.

Who visits when comes from patron.simulate. What is added here is the shop: its menu, its loyalty cards, a week of
promotion a month that really brings people back, and what makes such tills hard to read.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from patron.examples.cafe.cards import card_text, deal_cards, list_unknown_ids
from patron.examples.cafe.menu import (
    OUTLET_HEADER,
    OUTLET_ROWS,
    PRODUCT_HEADER,
    STAFF_HEADER,
    menu,
    product_rows,
    staff_rows,
)
from patron.examples.cafe.till import CLOSES, NO_CARD, OPENS, UPLIFT, Line, Till, Visit, add_slips
from patron.simulate import ShopSpec, plan_shop, simulate_shop
from patron.simulate.people import draw_people

HEADER = (
    "transaction_id",
    "transaction_date",
    "transaction_time",
    "sales_outlet_id",
    "staff_id",
    "customer_id",
    "instore_yn",
    "order",
    "line_item_id",
    "product_id",
    "quantity",
    "line_item_amount",
    "unit_price",
    "promo_item_yn",
)
_OPENED, _FIRST_DAY, _LAST_DAY = date(2018, 1, 1), date(2019, 1, 1), date(2019, 6, 30)
_SHARE_SEEN = 0.425  # of the lines since the opening, those that are written


def generate(folder: Path, *, lines: int = 20_000, seed: int = 1) -> dict[str, Any]:
    """Write some `lines` receipt lines to `folder`, one file a month, and the shop's four lists beside them.

    The truth: files, lines, receipts; customers who have a card and a receipt; guest_lines (no card),
    unknown_customer_lines (a card that customer.csv lacks), mismatched_lines (line_item_amount is not quantity x
    unit_price), promoted_lines; amount, the sum of quantity x unit_price, and stated_amount, that of
    line_item_amount; promotion_uplift, how much more often a customer visits after their first promoted visit
    than before it (0.5: half as often again).
    """
    rng = random.Random(seed)
    shop = simulate_shop(_specify_shop(lines, seed))
    joined = {row["customer_id"]: row["acquired_at"] for row in shop.truth.to_pylist()}
    cards = deal_cards({customer: at.date() for customer, at in joined.items()}, rng)
    articles = menu()
    rung_up = list(Till(cards, articles, rng).lines(_list_visits(shop, joined)))
    rung_up = add_slips(rung_up, list_unknown_ids(cards), rng)

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "customer.csv").write_text(card_text(cards.values()), encoding="utf-8", newline="")
    names = [person.name for person in draw_people(20, rng)]
    files = [
        *_write_receipts(folder, rung_up),
        folder / "customer.csv",
        _write(folder / "product.csv", PRODUCT_HEADER, product_rows(articles)),
        _write(folder / "staff.csv", STAFF_HEADER, staff_rows(names, rng)),
        _write(folder / "sales_outlet.csv", OUTLET_HEADER, OUTLET_ROWS),
    ]
    return {"files": files, **_summarize(rung_up, {card.customer_id for card in cards.values()})}


def _specify_shop(lines: int, seed: int) -> ShopSpec:
    """Specify a shop since it opened: by the half year that is written, most of its customers have been there."""
    return plan_shop(
        round(lines / _SHARE_SEEN),
        start=_OPENED,
        days=(_LAST_DAY - _OPENED).days + 1,
        seed=seed,
        r=1.2,
        alpha_weeks=2.0,
        s=0.8,
        beta_weeks=30.0,
        spend_p=5.0,
        spend_q=5.0,
        spend_gamma=5.0,
        lines_per_order=1.6,
        products=50,
        price_change_rate=0.0,
        weekly_amplitude=0.25,
        yearly_amplitude=0.1,
        yearly_peak_day=20,
        opening_hours=(OPENS, CLOSES),
        guest_rate=0.45,
        refund_rate=0.0,
        discount_rate=0.0,
    )


def _list_visits(shop: Any, joined: dict[int, datetime]) -> list[Visit]:
    """List all visits of the half year that is written, in the order of time."""
    visits: dict[int, Visit] = {}
    for row in shop.table().select(["order_id", "ordered_at", "customer_id", "quantity", "unit_price"]).to_pylist():
        at, customer = row["ordered_at"], row["customer_id"]
        if at.date() >= _FIRST_DAY:
            is_first = customer is not None and at <= joined[customer]
            visit = visits.setdefault(row["order_id"], Visit(at, customer, is_first, []))
            visit.budgets.append(int(row["quantity"] * row["unit_price"] * 100))
    return list(visits.values())


def _write_receipts(folder: Path, lines: list[Line]) -> list[Path]:
    """Write one file per month, with the entire header in one quoted cell, as a re-exported file has it."""
    months: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.at.date(), line.outlet, line.transaction_id)):
        months[f"{line.at:%Y%m}"].append(line)
    files = []
    for month, of_month in months.items():
        names = ",".join([HEADER[0], *(f'"{name}"' for name in HEADER[1:])])
        files.append(_write(folder / f"{month} sales reciepts.csv", [names], map(_build_row, of_month)))
    return files


def _build_row(line: Line) -> tuple[object, ...]:
    return (
        line.transaction_id,
        line.at.date(),
        line.at.time(),
        line.outlet,
        line.staff_id,
        line.customer_id,
        line.instore,
        line.order,
        line.line_item_id,
        line.product_id,
        line.quantity,
        f"{line.amount / 100:.2f}",
        f"{line.price / 100:.2f}",
        "Y" if line.is_promoted else "N",
    )


def _write(file: Path, header: Sequence[str], rows: Iterable[tuple[object, ...]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(rows)
    return file


def _summarize(lines: list[Line], known: set[int]) -> dict[str, Any]:
    holders = [line.customer_id for line in lines if line.customer_id != NO_CARD]
    return {
        "lines": len(lines),
        "receipts": len({(line.at.date(), line.outlet, line.transaction_id) for line in lines}),
        "customers": len(known.intersection(holders)),
        "guest_lines": len(lines) - len(holders),
        "unknown_customer_lines": sum(holder not in known for holder in holders),
        "mismatched_lines": sum(line.amount != line.quantity * line.price for line in lines),
        "promoted_lines": sum(line.is_promoted for line in lines),
        "amount": Decimal(sum(line.quantity * line.price for line in lines)).scaleb(-2),
        "stated_amount": Decimal(sum(line.amount for line in lines)).scaleb(-2),
        "promotion_uplift": UPLIFT,
    }
