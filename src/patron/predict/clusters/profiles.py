"""What the customers of each cluster are like: medians over the sample; and what is big or long ago in the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from patron.predict.clusters.scaling import FEATURES, Floats, column

if TYPE_CHECKING:
    import pyarrow as pa

DESCRIBED = (*FEATURES, "net_amount")
"""What a profile tells the median of: what customers are told apart by, and what they spent in all."""


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
    """What is usual in the shop: names call a cluster big or silent by these. Days, orders and currency."""

    recent_days: float
    silent_days: float
    new_days: float
    frequent_orders: float
    average_order_value: float


def medians_of(features: pa.Table, which: npt.NDArray[np.int64], clusters: int) -> list[dict[str, float]]:
    """The medians of each cluster's customers. which: the position of each customer's cluster."""
    columns = {name: column(features, name) for name in DESCRIBED}
    return [
        {name: round(float(np.median(values[which == place])), 4) for name, values in columns.items()}
        for place in range(clusters)
    ]


def by_worth(features: pa.Table, middles: Floats, which: npt.NDArray[np.int64]) -> list[int]:
    """The positions of the clusters in the order in which they are numbered: by mean net_amount, the highest first."""
    spent = column(features, "net_amount")
    means = [float(spent[which == place].mean()) for place in range(len(middles))]
    return sorted(range(len(middles)), key=lambda place: (-means[place], tuple(middles[place])))


def yardsticks(features: pa.Table) -> Yardsticks:
    """The thirds of silence, tenure and orders (of who ordered twice), and the median order value of the sample."""
    silent, orders = column(features, "days_since_last_order"), column(features, "order_count")
    repeaters = orders[orders > 1]
    return Yardsticks(
        recent_days=_quantile(silent, 1 / 3),
        silent_days=_quantile(silent, 2 / 3),
        new_days=_quantile(column(features, "tenure_days"), 1 / 3),
        frequent_orders=max(3.0, _quantile(repeaters, 2 / 3)) if len(repeaters) else 3.0,
        average_order_value=_quantile(column(features, "average_order_value"), 0.5),
    )


def _quantile(values: Floats, rate: float) -> float:
    return float(np.quantile(values, rate))
