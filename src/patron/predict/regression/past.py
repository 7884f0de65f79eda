"""The part of a shop's past that regressions learn from: which windows, and of large shops a sample of customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.predict.evaluation.data_requirements import find_origins

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.settings.predictions import Evaluation as Settings

MOST_CUSTOMERS = 50_000
"""Of more customers, about so many are learned from, by a hash of their ids: more move no coefficient noticeably."""

DAYS = "measures.customer_days"
"""The relation of customers' days, unless a sample of it is read."""

_EARLIER = 3
"""Windows before those of the evaluation that are learned from too."""


@dataclass(frozen=True)
class Past:
    """Where to read the past. days: the relation of customers' days. origins: of the windows, the earliest first.

    customers: of the shop, about.
    """

    warehouse: Warehouse
    days: str
    origins: Sequence[dt.date]
    horizon_days: int
    customers: float


def find_windows(first: dt.date, last: dt.date, settings: Settings) -> list[dt.date]:
    """Return the first days of windows to learn from: the origins of the evaluation, and some before them."""
    return find_origins(first, last, settings.model_copy(update={"origins": settings.origins + _EARLIER}))


@contextmanager
def read_learned_days(warehouse: Warehouse, customers: float) -> Iterator[str]:
    """Return the relation of the days that are learned from: in large shops a sample of customers, read once."""
    share = MOST_CUSTOMERS / max(customers, 1.0)
    if share >= 1:
        yield DAYS
        return
    with warehouse.create_temporary("days_learned_from", _SAMPLED.format(below=f"{int(share * 16**8):08x}")) as name:
        yield name


_SAMPLED = f"select * from {DAYS} where md5(cast(customer_id as string)) < '{{below}}'"
