"""Orders that were refunded in full, found one receipt after the other, as a clerk would."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import NamedTuple


class Document(NamedTuple):
    """A receipt or a credit note. day: of the first sale, or of the last refund if nothing was sold; at: likewise."""

    customer: Hashable
    number: Hashable
    day: dt.date
    at: object
    sold: Decimal
    refunded: Decimal
    refund_day: dt.date | None


def find_refunded(documents: Iterable[Document]) -> dict[Hashable, dt.date]:
    """Return order number -> day of the refund that left nothing of it."""
    found: dict[Hashable, dt.date] = {}
    open_orders: dict[tuple[Hashable, Decimal], list[Hashable]] = defaultdict(list)
    for one in sorted(documents, key=lambda one: (one.day, one.sold <= 0, one.at)):
        if one.sold > 0 and one.refund_day:
            if one.refunded >= one.sold:
                found[one.number] = one.refund_day
        elif one.sold > 0:
            open_orders[one.customer, one.sold].append(one.number)
        elif one.refunded > 0 and (waiting := open_orders[one.customer, one.refunded]):
            found[waiting.pop()] = one.day
    return found
