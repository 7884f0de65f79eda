"""Names clusters by rule, from their medians.

    orders   "One order" if more than half ordered once; otherwise "Frequent" with at least as many orders as the upper
             third of those who ordered twice, or "Occasional"
    spend    "big" with a median order of 1.5 times the shop's median or more, "small" with two thirds of it or less
    recency  "recently" in the shop's lowest third of days since the last order, "long ago" or "lapsed" in its highest
    tenure   "New" in the lowest third of days since the first order, if they bought recently

If two clusters would have the same name, each adds the figure that they differ in most: "Occasional buyers, about 4
orders". If the figures round to the same, the next feature is added; after all of them, the cluster's number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from patron.predict.clusters.profiles import Yardsticks
from patron.predict.clusters.scaling import FEATURES

Medians = Mapping[str, float]

_BIG, _SMALL = 1.5, 1 / 1.5
_FIGURES = {
    "days_since_last_order": "about {} days since the last order",
    "tenure_days": "customers for about {} days",
    "order_count": "about {} orders",
    "average_order_value": "about {} per order",
    "gap_days": "about {} days apart",
}


def name_clusters(clusters: Sequence[Medians], shop: Yardsticks) -> list[str]:
    """Give each cluster a unique name. clusters: their medians by feature."""
    plain = [name_cluster(medians, shop) for medians in clusters]
    names = list(plain)
    for name, count in Counter(plain).items():
        if count > 1:
            places = [place for place, other in enumerate(plain) if other == name]
            for place, longer in zip(places, _distinguish(name, [clusters[place] for place in places]), strict=True):
                names[place] = longer
    return [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names, start=1)]


def name_cluster(medians: Medians, shop: Yardsticks) -> str:
    """Name a cluster by the rules; the name may not be unique."""
    size, recency = _classify_size(medians, shop), _classify_recency(medians, shop)
    if medians["order_count"] < 2:
        when = {"recent": "recently", "lapsed": "long ago"}.get(recency, "a while ago")
        return f"One {size} order, {when}".replace("  ", " ")
    pace = "Frequent" if medians["order_count"] >= shop.frequent_orders else "Occasional"
    who = f"{pace} {size} spenders" if size else f"{pace} buyers"
    if recency == "recent":
        return f"New {who[0].lower()}{who[1:]}" if medians["tenure_days"] <= shop.new_days else who
    return f"{who}, {'lapsed' if recency == 'lapsed' else 'quiet for a while'}"


def _classify_size(medians: Medians, shop: Yardsticks) -> str:
    if shop.average_order_value <= 0:
        return ""
    ratio = medians["average_order_value"] / shop.average_order_value
    return "big" if ratio >= _BIG else "small" if ratio <= _SMALL else ""


def _classify_recency(medians: Medians, shop: Yardsticks) -> str:
    if medians["days_since_last_order"] <= shop.recent_days:
        return "recent"
    return "lapsed" if medians["days_since_last_order"] >= shop.lapsed_days else ""


def _distinguish(name: str, clusters: Sequence[Medians]) -> list[str]:
    """Add figures to a name that several clusters share, until all differ."""
    names = [name] * len(clusters)
    for feature in _sort_by_difference(clusters):
        names = [
            f"{so_far}, {_FIGURES[feature].format(_round(one[feature]))}"
            for so_far, one in zip(names, clusters, strict=True)
        ]
        if len(set(names)) == len(names):
            break
    return names


def _sort_by_difference(clusters: Sequence[Medians]) -> Iterator[str]:
    """Sort the features by how much the clusters differ in them, the largest ratio first."""
    features = [
        feature for feature in FEATURES if feature != "gap_days" or min(one["order_count"] for one in clusters) >= 2
    ]

    def spread(feature: str) -> float:
        values = [1 + max(0.0, one[feature]) for one in clusters]
        return max(values) / min(values)

    yield from (feature for feature in sorted(features, key=spread, reverse=True) if spread(feature) > 1)


def _round(value: float) -> str:
    """Round to two significant digits: 1,234 becomes 1,200."""
    if value == 0 or not math.isfinite(value):
        return "0"
    rounded = round(value, 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.0f}" if abs(rounded) >= 10 or rounded == int(rounded) else f"{rounded:g}"
