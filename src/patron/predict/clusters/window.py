"""What a fit was of, and when a newer one is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.settings.predictions import Clusters
    from patron.warehouse.base import Warehouse


@dataclass(frozen=True)
class Window:
    """The data behind a fit: customers with an order, the first order of all, and the day measured at."""

    customer_count: int
    first_order_date: dt.date | None
    as_of_date: dt.date | None

    @property
    def history_days(self) -> int:
        if self.first_order_date is None or self.as_of_date is None:
            return 0
        return (self.as_of_date - self.first_order_date).days

    def lacks(self, settings: Clusters) -> str:
        """What is missing for a fit, in words; empty where nothing is."""
        missing = []
        if self.customer_count < settings.least_customers:
            missing.append(f"{self.customer_count:,} customers with an order ({settings.least_customers:,} are needed)")
        if self.history_days < settings.least_history_days:
            missing.append(f"{self.history_days} days of history ({settings.least_history_days} are needed)")
        return f"the shop has {' and '.join(missing)}" if missing else ""

    def moved_from(self, before: Window, settings: Clusters) -> str:
        """Why a fit of `before` is out of date, in words; empty where it is not."""
        if before.as_of_date is None or self.as_of_date is None:
            return "nothing is known of the last fit"
        days = abs((self.as_of_date - before.as_of_date).days)
        if days >= settings.refit.after_days:
            return f"as_of has moved by {days} days"
        growth = abs(self.customer_count / max(1, before.customer_count) - 1)
        if growth >= settings.refit.growth:
            return f"customers have changed from {before.customer_count:,} to {self.customer_count:,}"
        return ""

    def to_dict(self) -> dict[str, Any]:
        first, as_of = (day and day.isoformat() for day in (self.first_order_date, self.as_of_date))
        return {"customer_count": self.customer_count, "first_order_date": first, "as_of_date": as_of}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Window:
        first, as_of = (
            dt.date.fromisoformat(stored[name]) if stored[name] else None for name in ("first_order_date", "as_of_date")
        )
        return cls(int(stored["customer_count"]), first, as_of)


def current_window(warehouse: Warehouse) -> Window:
    """The window of the measures as they are now."""
    row = warehouse.query(_WINDOW).to_pylist()[0]
    return Window(int(row["customer_count"]), row["first_order_date"], row["as_of_date"])


_WINDOW = """
select count(*) as customer_count, min(first_order_date) as first_order_date, max(as_of_date) as as_of_date
from measures.customer_measures
where order_count > 0
"""
