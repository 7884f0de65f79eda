"""Scales features to be comparable: logarithms, robust scaling, and clipping at both ends.

    z = (ln(1 + max(x - zero, 0) / unit) - centre) / width,   cut to -MOST .. MOST

zero and unit are fixed for days and orders; the unit of money is the median order value, so that a shop in yen has the
clusters of the same shop in dollars. centre is the median over the sample. width is the distance of the 5th from the
95th percentile, divided by 3.29: the standard deviation where the logarithms are normal, and unmoved by a few extreme
customers; the standard deviation where those two percentiles are one.
The engine computes the same (transform/sql/macros/clusters.sql).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Floats: TypeAlias = npt.NDArray[np.float64]

FEATURES = ("days_since_last_order", "tenure_days", "order_count", "average_order_value", "gap_days")
"""What customers are clustered by. Net spend is order_count x average_order_value: it is in the profiles, and not
counted a second time."""

MOST = 3.0
"""Beyond three widths from the median, distance makes no difference: a single extreme customer would be a cluster."""

_NORMAL_RANGE = 3.29
_PLACES = 6
_LEAST_WIDTH = 1e-6


@dataclass(frozen=True)
class Scaling:
    """The scaling of one feature; the names are those of this module's formula."""

    feature: str
    zero: float
    unit: float
    centre: float
    width: float

    def apply(self, values: Floats) -> Floats:
        """Scale values, shape (customers,), to -MOST .. MOST."""
        scaled: Floats = np.clip((_logarithms(values, self.zero, self.unit) - self.centre) / self.width, -MOST, MOST)
        return scaled


def fit_scaling(feature: str, values: Floats) -> Scaling:
    """Fit the scaling of one feature to a sample, shape (customers,). If all are equal, the width is 1."""
    zero = 1.0 if feature == "order_count" else 0.0
    unit = _unit_of_money(values) if feature == "average_order_value" else 1.0
    logarithms = _logarithms(values, zero, unit)
    low, centre, high = np.quantile(logarithms, [0.05, 0.5, 0.95])
    widths = (round(float((high - low) / _NORMAL_RANGE), _PLACES), round(float(logarithms.std()), _PLACES))
    width = next((width for width in widths if width > _LEAST_WIDTH), 1.0)
    return Scaling(feature, zero, unit, round(float(centre), _PLACES), width)


def scale(features: pa.Table, scalings: tuple[Scaling, ...]) -> Floats:
    """Scale all features; return shape (customers, scalings)."""
    return np.column_stack([scaling.apply(to_column(features, scaling.feature)) for scaling in scalings])


def to_column(features: pa.Table, name: str) -> Floats:
    """Convert a column of an Arrow table to doubles. Raises ValueError if a value is missing or not finite."""
    values: Floats = features.column(name).to_numpy().astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} of {int((~np.isfinite(values)).sum())} customers is not a finite number")
    return values


def _logarithms(values: Floats, zero: float, unit: float) -> Floats:
    logarithms: Floats = np.log(1 + np.maximum(values - zero, 0.0) / unit)
    return logarithms


def _unit_of_money(values: Floats) -> float:
    positive = values[values > 0]
    unit = float(f"{np.median(positive):.6g}") if len(positive) else 1.0
    return unit or 1.0
