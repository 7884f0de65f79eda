"""The wash-out at the start of a shop's data: until when customers who are seen for the first time may be old ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.models.left_truncation import LeftTruncation
    from patron.predict.season.clock import Clock


@dataclass(frozen=True)
class WashOut:
    """measures.wash_out. days, new_since: None if the data do not tell. opened: the day the shop opened, if known."""

    data_start: dt.date | None
    days: int | None
    new_since: dt.date | None
    reason: str
    opened: dt.date | None = None

    def describe(self) -> str:
        """Describe who is not counted as new; empty where everybody is."""
        if not self.days:
            return ""
        return f"Customers first seen before {self.new_since} are not counted as new: {self.reason}"

    def fit(self, frequency: Any, recency: Any, age: Any, customers: Any, clock: Clock) -> LeftTruncation:
        """Fit who is new, on all customers: cells, (n,), in weeks of the clock. Raises NotIdentifiableError."""
        from patron.predict.models.left_truncation import USUAL_AGE, fit_left_truncation
        from patron.predict.models.mbg_nbd import MBGNBD

        assert self.data_start is not None
        found = MBGNBD(exact=False).fit(frequency, recency, age, customers).params_
        return fit_left_truncation(
            frequency,
            recency,
            age,
            customers,
            span=float(clock.to_age((clock.as_of - self.data_start).days)),
            start=(found["r"], found["alpha"], found["a"], found["b"]),
            older=(self.data_start - self.opened).days / DAYS_A_WEEK if self.opened else USUAL_AGE,
        )


def query_wash_out(warehouse: Warehouse, opened: dt.date | None) -> WashOut:
    """Read it from the measures. Raises EngineError."""
    rows = warehouse.query(_WASH_OUT).to_pylist()
    if not rows:
        return WashOut(None, None, None, "there are no purchases", opened)
    row = rows[0]
    days = None if row["wash_out_days"] is None else int(row["wash_out_days"])
    return WashOut(row["data_start_date"], days, row["new_since_date"], row["wash_out_reason"], opened)


_WASH_OUT = "select data_start_date, wash_out_days, new_since_date, wash_out_reason from measures.wash_out"
