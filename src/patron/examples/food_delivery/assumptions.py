"""Draws what the deliveries lack, with a fixed seed: the customer and amount of an order, and the dates of reviews.

An order belongs to the slot of the last three hexadecimal digits of its number, one of 4,096, and every slot has a
customer of the survey. So later orders have a customer too, and whoever knows better edits the files.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from patron.errors import SourceError

SURVEY, DELIVERIES = "onlinedeliverydata.csv", ("train.csv", "test.csv")
SLOTS = 4096
WHO = (
    *("Age", "Gender", "Marital Status", "Occupation", "Monthly Income", "Educational Qualifications", "Family size"),
    *("latitude", "longitude", "Pin code"),
)
"""The answers that tell one person from another, as in patron.yaml."""

_SEED = 1
_UNEVEN = 1.0
_MEDIAN_AMOUNT, _SPREAD_OF_AMOUNT, _LEAST_AMOUNT = 320, 0.5, 60


def write(folder: Path, data: Path) -> None:
    """Write FOLDER/assumptions/order_slots.csv (slot, customer_id, order_amount in INR) and review_dates.csv
    (customer_id, reviewed_at) for the survey and the deliveries found under `data`.

    Raises SourceError where there is no survey or no delivery.
    """
    customers = sorted({customer_id(row) for row in _read_rows(data, (SURVEY,), "Pin code")})
    days = [
        datetime.strptime(row["Order_Date"].strip(), "%d-%m-%Y") for row in _read_rows(data, DELIVERIES, "Order_Date")
    ]
    rng = random.Random(_SEED)
    (folder / "assumptions").mkdir(exist_ok=True)
    _save(folder / "assumptions" / "order_slots.csv", "slot,customer_id,order_amount", _assign_slots(customers, rng))
    dates = _draw_dates(customers, min(days).date(), max(days).date(), rng)
    _save(folder / "assumptions" / "review_dates.csv", "customer_id,reviewed_at", dates)


def customer_id(row: dict[str, str]) -> str:
    """Return the id of a respondent, computed as in patron.yaml."""
    identity = "|".join(row[name].strip(" ") for name in WHO)
    return "c" + hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()[:8]


def _assign_slots(customers: list[str], rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Assign slots to customers: some get many, and so order often; others get few or none."""
    weights = [rng.lognormvariate(0, _UNEVEN) for _ in customers]
    for slot, customer in enumerate(rng.choices(customers, weights, k=SLOTS)):
        amount = _MEDIAN_AMOUNT * rng.lognormvariate(0, _SPREAD_OF_AMOUNT)
        yield f"{slot:03x}", customer, f"{max(_LEAST_AMOUNT, 5 * round(amount / 5))}.00"


def _draw_dates(customers: list[str], first: date, last: date, rng: random.Random) -> Iterator[tuple[str, str]]:
    for customer in customers:
        yield customer, (first + timedelta(days=rng.randint(0, (last - first).days))).isoformat()


def _read_rows(data: Path, names: tuple[str, ...], needed: str) -> list[dict[str, str]]:
    """Read the rows of all files of these names, wherever they lie under `data`."""
    rows: list[dict[str, str]] = []
    for path in sorted(path for name in names for path in data.rglob(name)):
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if needed not in (reader.fieldnames or ()):
                raise SourceError(
                    f"{path.name} has no column {needed}.", where=str(path), do="see docs/food_delivery.md"
                )
            rows += reader
    if not rows:
        what = f"{data} has no rows in {' or '.join(names)}; both are needed to assign orders to customers."
        do = f"put {SURVEY} (the survey) and {' or '.join(DELIVERIES)} (the deliveries) into that folder"
        raise SourceError(what, where=str(data), do=do)
    return rows


def _save(file: Path, header: str, rows: Iterable[tuple[str, ...]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as text:
        text.write(f"{header}\n")
        csv.writer(text, lineterminator="\n").writerows(rows)
