"""Counts lines and amounts by kind, exact to the penny."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np

from patron.simulate.columns import pence
from patron.simulate.lines import KINDS


class Ledger:
    """Adds up the lines of a shop, kind by kind."""

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        self._pence: Counter[str] = Counter()

    def add(self, batch: Any) -> None:
        """Count one batch of clean lines."""
        kind = batch.column("kind").indices.to_numpy()
        amount = batch.column("quantity").to_numpy() * pence(batch.column("unit_price"))
        for code, name in enumerate(KINDS):
            of_kind = kind == code
            self.lines[name] += int(np.count_nonzero(of_kind))
            self._pence[name] += int(amount[of_kind].sum())

    @property
    def amounts(self) -> dict[str, Decimal]:
        """Sum of quantity x unit price by kind, in currency."""
        return {name: Decimal(total).scaleb(-2) for name, total in self._pence.items()}
