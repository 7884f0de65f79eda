"""What is known of customers on a day of the past: the base of what regressions learn from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.time_units import DAYS_A_WEEK


@dataclass(frozen=True)
class KnownCustomers:
    """Customers known on `origin`, one entry each, or one per cell of those who are alike.

    horizon_days: of the window after it. repeat_count, recency_days, age_days: as a Holdout has them.
    """

    origin: dt.date
    horizon_days: int
    repeat_count: Floats
    recency_days: Floats
    age_days: Floats

    @property
    def past(self) -> tuple[Floats, Floats, Floats]:
        """Return frequency, recency and age, the latter two in weeks, as purchase models take them."""
        return self.repeat_count, self.recency_days / DAYS_A_WEEK, self.age_days / DAYS_A_WEEK

    @property
    def horizon_weeks(self) -> float:
        return self.horizon_days / DAYS_A_WEEK
