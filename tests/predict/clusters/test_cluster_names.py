"""Names by rule: what they say, and that no two clusters have one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.predict.clusters.names import name_cluster, name_clusters
from patron.predict.clusters.profiles import Yardsticks

SHOP = Yardsticks(recent_days=30, lapsed_days=180, new_days=60, frequent_orders=5, average_order_value=40)


def medians(silent=60, tenure=300, orders=3, value=40, gap=20):
    names = ("days_since_last_order", "tenure_days", "order_count", "average_order_value", "gap_days")
    return dict(zip(names, (silent, tenure, orders, value, gap), strict=True))


@pytest.mark.parametrize(
    ("cluster", "name"),
    [
        (medians(silent=10, orders=9, value=90), "Frequent big spenders"),
        (medians(silent=10, orders=9), "Frequent buyers"),
        (medians(silent=10, tenure=30, orders=6), "New frequent buyers"),
        (medians(silent=60, orders=2, value=20), "Occasional small spenders, quiet for a while"),
        (medians(silent=200, orders=5), "Frequent buyers, lapsed"),
        (medians(silent=200, orders=1), "One order, long ago"),
        (medians(silent=100, orders=1, value=80), "One big order, a while ago"),
        (medians(silent=3, orders=1.5, value=10), "One small order, recently"),
    ],
)
def test_plain_names(cluster, name):
    assert name_cluster(cluster, SHOP) == name


def test_similar_clusters_are_named_by_their_largest_difference():
    assert name_clusters([medians(orders=2, gap=30), medians(orders=3, gap=190), medians(orders=1)], SHOP) == [
        "Occasional buyers, quiet for a while, about 30 days apart",
        "Occasional buyers, quiet for a while, about 190 days apart",
        "One order, a while ago",
    ]


def test_figures_that_round_to_the_same_are_joined_by_others_and_at_last_by_the_number():
    one = medians(value=41.01, tenure=300)
    assert name_clusters([one, medians(value=41.02, tenure=301)], SHOP)[0].endswith("(1)")
    assert name_clusters([one, one], SHOP) == [
        "Occasional buyers, quiet for a while (1)",
        "Occasional buyers, quiet for a while (2)",
    ]


anything = st.builds(
    medians,
    st.floats(0, 1e4),
    st.floats(0, 1e4),
    st.floats(1, 1e4),
    st.floats(-1e9, 1e9),
    st.floats(0, 1e4),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(anything, min_size=1, max_size=12))
def test_names_always_differ(clusters):
    names = name_clusters(clusters, SHOP)
    assert len(set(names)) == len(clusters)
    assert all(name == name.strip() and "  " not in name for name in names)
