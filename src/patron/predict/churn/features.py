"""The churn features (transform/sql/macros/churn.sql) as a matrix of numbers, and the subject of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

SUBJECTS = {
    "days_since_last_order": "rhythm",
    "mean_gap_days": "rhythm",
    "longest_gap_days": "rhythm",
    "gap_unevenness": "rhythm",
    "silence_to_mean_gap": "rhythm",
    "silence_to_longest_gap": "rhythm",
    "tenure_days": "tenure",
    "purchase_day_count": "purchases",
    "order_count": "purchases",
    "purchase_day_count_30d": "frequency",
    "purchase_day_count_90d": "frequency",
    "purchase_day_count_prior_90d": "frequency",
    "purchase_day_trend": "frequency",
    "net_amount": "value",
    "average_order_value": "value",
    "spent_amount_90d": "spend",
    "spent_amount_prior_90d": "spend",
    "spend_trend": "spend",
    "discount_share": "discounts",
    "refund_share": "refunds",
    "lines_per_order": "baskets",
    "products_per_day": "baskets",
    "products_per_day_90d": "baskets",
    "main_channel": "channel",
    "channel_count": "channel",
    "contact_count": "support",
    "contact_count_90d": "support",
    "days_since_last_contact": "support",
    "member_days": "membership",
    "points_earned_90d": "points",
    "points_redeemed_90d": "points",
    "days_since_points": "points",
}
"""Feature -> its subject, by which drivers are grouped. A shop has the features of what it maps."""

CHANNEL = "main_channel"
_MOST_CHANNELS = 31


@dataclass(frozen=True)
class FeatureColumns:
    """The columns of a feature matrix, in order, and the channels that have a number of their own, in its order."""

    names: tuple[str, ...]
    channels: tuple[str, ...] = ()

    @classmethod
    def from_table(cls, rows: pa.Table) -> FeatureColumns:
        """Take the features that a table holds, apart from those without any value."""
        held = [name for name in SUBJECTS if name in rows.column_names and rows[name].null_count < rows.num_rows]
        return cls(tuple(held), _find_channels(rows) if CHANNEL in held else ())

    @property
    def categorical(self) -> list[int]:
        """Return the positions of the categorical columns."""
        return [place for place, name in enumerate(self.names) if name == CHANNEL]

    def find_missing(self, rows: pa.Table) -> list[str]:
        """Name the columns that a table lacks."""
        return [name for name in self.names if name not in rows.column_names]

    def to_matrix(self, rows: pa.Table) -> NDArray[np.float64]:
        """Build the feature matrix, shape (rows, columns); nulls and channels without a number are NaN."""
        import numpy as np

        matrix = np.empty((rows.num_rows, len(self.names)))
        for place, name in enumerate(self.names):
            matrix[:, place] = self._number_channels(rows) if name == CHANNEL else to_numbers(rows, name)
        return matrix

    def _number_channels(self, rows: pa.Table) -> NDArray[np.float64]:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.index_in(rows[CHANNEL], value_set=pa.array(self.channels, pa.string()))
        return np.asarray(pc.cast(found, pa.float64()).to_numpy(), dtype=float)


def to_numbers(rows: pa.Table, name: str) -> NDArray[Any]:
    """Convert a column to doubles, shape (rows,); null becomes NaN."""
    import numpy as np
    import pyarrow as pa

    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=float)


def _find_channels(rows: pa.Table) -> tuple[str, ...]:
    """Return the most frequent channels; ties are broken alphabetically."""
    counted = Counter(channel for channel in rows[CHANNEL].to_pylist() if channel is not None)
    return tuple(sorted(counted, key=lambda channel: (-counted[channel], channel))[:_MOST_CHANNELS])
