"""Clusters: planted groups are found, the same customers give the same clusters, and what cannot be told is not told."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from patron.predict.clusters.choice import Tried, choose
from patron.predict.clusters.fit import NoClustersError, fit_clusters
from patron.predict.clusters.model import ClusterModel
from patron.predict.clusters.scaling import MOST, scale
from patron.project.settings.predictions import Clusters
from predict.planted import GROUPS, features, planted


@pytest.fixture(scope="module")
def groups() -> tuple[pa.Table, np.ndarray]:
    return planted()


@pytest.fixture(scope="module")
def model(groups) -> ClusterModel:
    return fit_clusters(groups[0])


def test_planted_groups_are_found(groups, model):
    table, truth = groups
    assert len(model.profiles) == len(GROUPS)
    assert adjusted_rand_score(truth, model.assign(table)[0]) > 0.99
    assert model.adjusted_rand_index > 0.99
    assert model.structure in ("strong", "reasonable")
    assert model.density.groups == len(GROUPS)
    assert model.density.agreement > 0.99


def test_new_customers_are_assigned_to_their_groups(model):
    table, truth = planted(seed=2)
    assert adjusted_rand_score(truth, model.assign(table)[0]) > 0.99


def test_names_say_what_the_groups_are(model):
    assert model.names == [
        "Frequent big spenders",
        "Occasional buyers, lapsed",
        "One order, recently",
        "One small order, long ago",
    ]


def test_the_order_of_the_customers_does_not_matter(groups, model):
    shuffled = groups[0].take(np.random.default_rng(3).permutation(groups[0].num_rows))
    assert fit_clusters(shuffled).to_dict() == model.to_dict()


def test_the_currency_does_not_matter(groups, model):
    table = groups[0]
    for name in ("average_order_value", "net_amount"):
        in_yen = pa.array(table.column(name).to_numpy() * 150)
        table = table.set_column(table.schema.get_field_index(name), name, in_yen)
    assert (fit_clusters(table).assign(table)[0] == model.assign(groups[0])[0]).all()


def test_one_giant_is_no_cluster(groups):
    giant = features([1], [400], [5_000], [1e6], [1], ids=["giant"])
    found = fit_clusters(pa.concat_tables([groups[0], giant]))
    assert len(found.profiles) == len(GROUPS)


def test_a_model_is_readable_json_and_back(model):
    text = json.dumps(model.to_dict())
    again = ClusterModel.from_dict(json.loads(text))
    assert again == model
    assert all(name in text for name in model.names)


def test_shares_and_scores_are_shares_and_scores(model):
    assert sum(profile.share for profile in model.profiles) == pytest.approx(1, abs=1e-3)
    assert all(-1 <= profile.silhouette <= 1 for profile in model.profiles)
    assert [one.clusters for one in model.tried] == list(range(2, 9))
    assert model.profiles[0].medians["net_amount"] == max(p.medians["net_amount"] for p in model.profiles)


def tried(clusters: int, silhouette: float, *, allowed: bool = True) -> Tried:
    return Tried(clusters, silhouette, 0.1, 0.9, allowed)


def test_of_equally_good_numbers_the_most_clusters_are_taken():
    assert choose([tried(2, 0.40), tried(3, 0.395), tried(4, 0.38)]).clusters == 3
    assert choose([tried(2, 0.40), tried(3, 0.395, allowed=False)]).clusters == 2
    assert choose([tried(2, 0.40, allowed=False)]) is None
    assert choose([]) is None


@pytest.mark.parametrize("count", [0, 1, 99])
def test_too_few_customers_are_refused(count):
    with pytest.raises(NoClustersError, match=rf"{count} customers with an order \(100 needed\)"):
        fit_clusters(planted(100)[0].slice(0, count))


def test_identical_customers_form_no_clusters():
    alike = features([10] * 200, [20] * 200, [2] * 200, [9.5] * 200, [10] * 200)
    with pytest.raises(NoClustersError, match="all customers behave the same"):
        fit_clusters(alike)


def test_two_kinds_of_customers_are_two_clusters():
    half = 100
    two = features([10] * half + [90] * half, [100] * 200, [2] * 200, [9.5] * 200, [10] * 200)
    found = fit_clusters(two)
    assert [profile.share for profile in found.profiles] == [0.5, 0.5]
    assert len(set(found.names)) == 2


def test_clusters_that_are_too_small_are_refused():
    few = features([10] * 199 + [90], [100] * 200, [2] * 200, [9.5] * 200, [10] * 200)
    with pytest.raises(NoClustersError, match="less than 3% of the customers"):
        fit_clusters(few)


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="average_order_value of 1 customers"):
        fit_clusters(features([1] * 100, [1] * 100, [1] * 100, [float("nan"), *([1.0] * 99)], [1] * 100))


days = st.floats(0, 5_000)
money = st.floats(-1e9, 1e9)
customers = st.lists(st.tuples(days, days, st.integers(1, 10_000), money, days), min_size=20, max_size=60)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(customers)
def test_any_customers_give_clusters_with_names_or_a_reason(rows):
    table = features(*zip(*rows, strict=True))
    few = Clusters(least_customers=20, sample_customers=100, most_clusters=4)
    try:
        found = fit_clusters(table, few)
    except NoClustersError as error:
        assert error.what
        return
    numbers, distance = found.assign(table)
    assert set(numbers) <= set(range(1, len(found.profiles) + 1))
    assert np.isfinite(distance).all() and (distance >= 0).all()
    assert len(set(found.names)) == len(found.names)
    assert np.abs(scale(table, found.scalings)).max() <= MOST
    assert ClusterModel.from_dict(json.loads(json.dumps(found.to_dict()))) == found
