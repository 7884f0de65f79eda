"""Names of clusters in plain words, made from their medians by rule.

    orders   "One order" where more than half ordered once; else "Frequent" with at least as many orders as the upper
             third of those who ordered twice, or "Occasional"
    spend    "big" with a median order of 1.5 times the shop's median or more, "small" with two thirds of it or less
    silence  "lately" within the shop's lowest third of days since the last order, "long ago" (silent) within its
             highest
    tenure   "New" within the lowest third of days since the first order, where they bought lately

Where two clusters would have one name, each says what they differ in most, as a figure: "Occasional buyers, about 4
orders". Where the figures round to the same, the next behaviour is added; after all of them, the cluster's number.
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
    "days_since_last_order": "silent about {} days",
    "tenure_days": "customers for about {} days",
    "order_count": "about {} orders",
    "average_order_value": "about {} an order",
    "gap_days": "about {} days apart",
}


def names_of(clusters: Sequence[Medians], shop: Yardsticks) -> list[str]:
    """A name for each cluster, each different. clusters: their medians by feature."""
    plain = [plain_name(medians, shop) for medians in clusters]
    names = list(plain)
    for name, count in Counter(plain).items():
        if count > 1:
            places = [place for place, other in enumerate(plain) if other == name]
            for place, told in zip(places, _told_apart(name, [clusters[place] for place in places]), strict=True):
                names[place] = told
    return [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names, start=1)]


def plain_name(medians: Medians, shop: Yardsticks) -> str:
    """The name by rule, which another cluster may have too."""
    size, silence = _size(medians, shop), _silence(medians, shop)
    if medians["order_count"] < 2:
        when = {"recent": "lately", "silent": "long ago"}.get(silence, "a while ago")
        return f"One {size} order, {when}".replace("  ", " ")
    pace = "Frequent" if medians["order_count"] >= shop.frequent_orders else "Occasional"
    who = f"{pace} {size} spenders" if size else f"{pace} buyers"
    if silence == "recent":
        return f"New {who[0].lower()}{who[1:]}" if medians["tenure_days"] <= shop.new_days else who
    return f"{who}, {'long silent' if silence == 'silent' else 'quiet for a while'}"


def _size(medians: Medians, shop: Yardsticks) -> str:
    if shop.average_order_value <= 0:
        return ""
    ratio = medians["average_order_value"] / shop.average_order_value
    return "big" if ratio >= _BIG else "small" if ratio <= _SMALL else ""


def _silence(medians: Medians, shop: Yardsticks) -> str:
    if medians["days_since_last_order"] <= shop.recent_days:
        return "recent"
    return "silent" if medians["days_since_last_order"] >= shop.silent_days else ""


def _told_apart(name: str, alike: Sequence[Medians]) -> list[str]:
    """Clusters of one name, with as many figures as it takes."""
    told = [name] * len(alike)
    for feature in _by_difference(alike):
        told = [
            f"{so_far}, {_FIGURES[feature].format(_about(one[feature]))}"
            for so_far, one in zip(told, alike, strict=True)
        ]
        if len(set(told)) == len(told):
            break
    return told


def _by_difference(alike: Sequence[Medians]) -> Iterator[str]:
    """The behaviours in which they differ, the largest ratio first. With one order, the gap is but the silence."""
    told = [feature for feature in FEATURES if feature != "gap_days" or min(one["order_count"] for one in alike) >= 2]

    def spread(feature: str) -> float:
        values = [1 + max(0.0, one[feature]) for one in alike]
        return max(values) / min(values)

    yield from (feature for feature in sorted(told, key=spread, reverse=True) if spread(feature) > 1)


def _about(value: float) -> str:
    """Two digits of it: 1,234 is about 1,200."""
    if value == 0 or not math.isfinite(value):
        return "0"
    rounded = round(value, 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.0f}" if abs(rounded) >= 10 or rounded == int(rounded) else f"{rounded:g}"
