"""Describes the customers of each cluster by their medians, and what is typical of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from patron.predict.clusters.scaling import FEATURES, Floats, to_column

if TYPE_CHECKING:
    import pyarrow as pa

DESCRIBED = (*FEATURES, "net_amount")
"""What a profile has the median of: the features, and total spend."""


@dataclass(frozen=True)
class Profile:
    """One cluster as it was fitted. share: of the sample; silhouette: mean of its customers, -1 to 1; centroid: scaled
    behaviour by feature; medians: by name of DESCRIBED, in days, orders and currency.
    """

    number: int
    name: str
    share: float
    silhouette: float
    centroid: Mapping[str, float]
    medians: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Yardsticks:
    """What is typical of the shop, which names compare clusters with. In days, orders and currency."""

    recent_days: float
    lapsed_days: float
    new_days: float
    frequent_orders: float
    average_order_value: float


def compute_medians(features: pa.Table, which: npt.NDArray[np.int64], clusters: int) -> list[dict[str, float]]:
    """Compute the medians of each cluster, by name of DESCRIBED. which: each customer's cluster, from 0."""
    columns = {name: to_column(features, name) for name in DESCRIBED}
    return [
        {name: round(float(np.median(values[which == place])), 4) for name, values in columns.items()}
        for place in range(clusters)
    ]


def sort_by_spend(features: pa.Table, middles: Floats, which: npt.NDArray[np.int64]) -> list[int]:
    """Return the positions of the clusters by mean net_amount, highest first, which is the order of their numbers."""
    spent = to_column(features, "net_amount")
    means = [float(spent[which == place].mean()) for place in range(len(middles))]
    return sorted(range(len(middles)), key=lambda place: (-means[place], tuple(middles[place])))


def compute_yardsticks(features: pa.Table) -> Yardsticks:
    """Compute the terciles of recency, tenure and orders (of repeat customers), and the median order value."""
    silent, orders = to_column(features, "days_since_last_order"), to_column(features, "order_count")
    repeaters = orders[orders > 1]
    return Yardsticks(
        recent_days=_quantile(silent, 1 / 3),
        lapsed_days=_quantile(silent, 2 / 3),
        new_days=_quantile(to_column(features, "tenure_days"), 1 / 3),
        frequent_orders=max(3.0, _quantile(repeaters, 2 / 3)) if len(repeaters) else 3.0,
        average_order_value=_quantile(to_column(features, "average_order_value"), 0.5),
    )


def _quantile(values: Floats, rate: float) -> float:
    return float(np.quantile(values, rate))
