"""One figure that must come out, and how it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Check:
    """section: where the figure is from. expected: what it must be. allowed: how far off it may be."""

    section: str
    name: str
    expected: float
    found: float
    allowed: float

    @property
    def difference(self) -> float:
        """found - expected."""
        return self.found - self.expected

    @property
    def passed(self) -> bool:
        """Whether it came out; a NaN does not."""
        return bool(abs(self.difference) <= self.allowed)

    def as_dict(self) -> dict[str, Any]:
        """The check for machines."""
        named = {
            name: getattr(self, name) for name in ("section", "name", "expected", "found", "difference", "allowed")
        }
        return {**named, "passed": self.passed}


def three_figures(value: float) -> float:
    """Half a unit of the third significant figure."""
    return float(0.5 * 10 ** (np.floor(np.log10(abs(value))) - 2))
