"""A check: an expected figure and the computed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Check:
    """A check of one figure. section: its source. expected: the correct value. allowed: the largest difference."""

    section: str
    name: str
    expected: float
    found: float
    allowed: float

    @property
    def difference(self) -> float:
        """Return found - expected."""
        return self.found - self.expected

    @property
    def passed(self) -> bool:
        """Return whether the difference is allowed; NaN never is."""
        return bool(abs(self.difference) <= self.allowed)

    def as_dict(self) -> dict[str, Any]:
        """Return the check as `--json` prints it."""
        named = {
            name: getattr(self, name) for name in ("section", "name", "expected", "found", "difference", "allowed")
        }
        return {**named, "passed": self.passed}


def half_unit_of_third_digit(value: float) -> float:
    """Return half a unit of the third significant digit."""
    return float(0.5 * 10 ** (np.floor(np.log10(abs(value))) - 2))
