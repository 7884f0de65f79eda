"""Whether a shop has seen enough for groups of customers to be looked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.settings.predictions import Clusters


@dataclass(frozen=True)
class Seen:
    """Customers with an order, the first order of all, and the day measured at (None where nobody has bought)."""

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


def seen_so_far(warehouse: Warehouse) -> Seen:
    """What the measures hold now. Raises EngineError."""
    row = warehouse.query(_SEEN).to_pylist()[0]
    return Seen(int(row["customer_count"]), row["first_order_date"], row["as_of_date"])


_SEEN = """
select count(*) as customer_count, min(first_order_date) as first_order_date, max(as_of_date) as as_of_date
from measures.customer_measures
where order_count > 0
"""
