"""The result of valuing an orders table."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LeftOut:
    """Numbers of rows of the orders table that are not a purchase of a known customer.

    guests: without a customer. undated, unpriced: without a time, without an amount. later: after as_of.
    """

    guests: int = 0
    undated: int = 0
    unpriced: int = 0
    later: int = 0


@dataclass(frozen=True)
class Valuation:
    """The result of `value`: what was written, from which orders, and by which model.

    to: the file. customers: its rows, the buyers. not_buyers: customers who kept nothing: refunds or free orders only,
    or all orders refunded in full; they are not in it. cells: groups of customers with the same history. parameters,
    standard_errors: of the model. exact: whether the fit used every cell, or bins of at most 1.6%. spend: parameters of
    the spend model; empty if there is none. totals: sums over customers. notes: what readers should know about the
    numbers. seconds, processor_seconds: by stage.
    """

    to: Path
    as_of_date: dt.date
    rows: int
    left_out: LeftOut
    customers: int
    not_buyers: int
    cells: int
    model: str
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    exact: bool
    spend: dict[str, float]
    totals: dict[str, float]
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    processor_seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as `--json` prints it."""
        return {**asdict(self), "to": str(self.to)}
