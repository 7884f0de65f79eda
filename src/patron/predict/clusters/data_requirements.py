"""Checks whether a shop has enough customers and history for clusters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.settings.predictions import Clusters


@dataclass(frozen=True)
class AvailableData:
    """Customers with an order, the first order of all, and the as_of date (both None without purchases)."""

    customer_count: int
    first_order_date: dt.date | None
    as_of_date: dt.date | None

    @property
    def history_days(self) -> int:
        """Return the days from the first order to as_of."""
        if self.first_order_date is None or self.as_of_date is None:
            return 0
        return (self.as_of_date - self.first_order_date).days

    def find_missing(self, settings: Clusters) -> str:
        """Name what a fit lacks; empty if nothing is missing."""
        missing = []
        if self.customer_count < settings.least_customers:
            missing.append(f"{self.customer_count:,} customers with an order ({settings.least_customers:,} needed)")
        if self.history_days < settings.least_history_days:
            missing.append(f"{self.history_days} days of history ({settings.least_history_days} needed)")
        return f"the shop has {' and '.join(missing)}" if missing else ""


def query_available_data(warehouse: Warehouse) -> AvailableData:
    """Query the data that is available to fit on, from the measures. Raises EngineError."""
    row = warehouse.query(_AVAILABLE).to_pylist()[0]
    return AvailableData(int(row["customer_count"]), row["first_order_date"], row["as_of_date"])


_AVAILABLE = """
select count(*) as customer_count, min(first_order_date) as first_order_date, max(as_of_date) as as_of_date
from measures.customer_measures
where order_count > 0
"""
