"""Customers made of planted groups, of which it is known who belongs where."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

GROUPS = {
    # days silent, tenure, orders, order value, gap
    "regulars": (10, 400, 30, 120.0, 14),
    "lapsed": (250, 420, 8, 30.0, 25),
    "once, long ago": (300, 300, 1, 25.0, 300),
    "new": (8, 12, 1, 60.0, 8),
}
"""The middle of each group."""


def planted(customers: int = 600, *, seed: int = 1, spread: float = 0.2) -> tuple[pa.Table, np.ndarray]:
    """Features as measures.customer_behaviour has them, and the number of each customer's group.

    spread: standard deviation of the logarithm of each behaviour, around the group's middle.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(GROUPS), customers)
    middles = np.array(list(GROUPS.values()))[truth]
    noisy = middles * np.exp(rng.normal(0, spread, middles.shape))
    once = middles[:, 2] == 1
    orders = np.where(once, 1, np.maximum(2, noisy[:, 2].round()))
    return features(noisy[:, 0].round(), noisy[:, 1].round(), orders, noisy[:, 3].round(2), noisy[:, 4].round()), truth


def features(silent, tenure, orders, value, gap, ids=None) -> pa.Table:
    """One row a customer; net_amount is orders x value."""
    columns = [np.asarray(one, dtype=np.float64) for one in (silent, tenure, orders, value, gap)]
    names = ["days_since_last_order", "tenure_days", "order_count", "average_order_value", "gap_days"]
    ids = [f"c{number:07}" for number in range(len(columns[0]))] if ids is None else ids
    table = {"customer_id": ids, **dict(zip(names, columns, strict=True))}
    return pa.table({**table, "net_amount": columns[2] * columns[3]})
