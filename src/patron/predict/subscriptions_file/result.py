"""The result of predicting subscribers."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Step:
    """One renewal. due: subscribers who could make it. observed: the share of them who did; None if there are none.

    retention_rate: as the model has it. survival: the share of all who renew at least so often, likewise.
    """

    renewal: int
    due: int
    observed: float | None
    retention_rate: float
    survival: float


@dataclass(frozen=True)
class Retention:
    """The result of `retention`: what was written, from which subscriptions, and by which model.

    to: the file. subscriptions: its rows. active: those that have not ended by as_of_date. left_out: rows without a
    customer or a start, or that start later. curve: the first renewals. totals: sums over active subscriptions.
    """

    to: Path
    as_of_date: dt.date
    rows: int
    left_out: dict[str, int]
    subscriptions: int
    active: int
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    curve: list[Step]
    totals: dict[str, float]
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as `--json` prints it."""
        return {**asdict(self), "to": str(self.to), "model": "sBG"}
