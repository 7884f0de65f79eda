"""Clusters of a shop that is built: what the engine assigns, what the profiles say, and when there are none."""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace

import pytest
from sklearn.metrics import adjusted_rand_score

from patron.engines import open_warehouse
from patron.predict import outcome
from patron.predict.clusters.stage import ClusterRun, run_clusters
from patron.predict.clusters.tables import prepare
from patron.publish.empty_tables import explain_empty_tables
from shops import groups
from shops.building import BuiltShop, write_project

GOLD = "customer_clusters cluster_profiles"
NEEDED = "+customer_clusters +cluster_profiles +customer_rfm"
READ_BY_TESTS = (
    "+gold.star +customer_360 +customer_clv +customer_segments +customer_visits +daily_metrics +batch_ledger +ledger"
)


def clustered(shop: BuiltShop, **changed: int) -> ClusterRun:
    """What a flow does between measures and gold, and then gold's two tables."""
    project = shop.project
    warehouse = open_warehouse(project)
    wanted = project.settings.predictions.clusters.model_copy(update=changed)
    ran = run_clusters(warehouse, project.models, wanted)
    outcome.save(project.models, [ran.to_outcome()])
    warehouse.close()
    shop.run(select=GOLD)
    return ran


def built_so_far(folder, files) -> BuiltShop:
    """A shop with no more built than the clusters need, and the data tests of those models, which read others."""
    built = BuiltShop(write_project(folder, groups.settings(), files))
    built.run(select=f"{NEEDED} {READ_BY_TESTS}")
    return built


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> BuiltShop:
    built = built_so_far(tmp_path_factory.mktemp("groups"), groups.files())
    assert built.rows("gold.customer_clusters") == []
    built.ran = clustered(built)
    return built


def behaviour(shop):
    warehouse = open_warehouse(shop.project)
    table = warehouse.query("select * from measures.customer_behaviour order by customer_id")
    warehouse.close()
    return table


def test_the_shops_kinds_are_its_clusters(shop):
    assert shop.ran.result == "fitted"
    rows = shop.rows("gold.customer_clusters")
    assert len(rows) == 240
    kinds = [groups.kind_of(row["customer_id"]) for row in rows]
    assert adjusted_rand_score(kinds, [row["cluster_number"] for row in rows]) == 1.0
    names = {groups.kind_of(row["customer_id"]): row["cluster_name"] for row in rows}
    assert names["regular"].startswith("Frequent big spenders")
    assert names["once"] == "One small order, long ago"
    assert names["new"].startswith("One order, recently")


def test_the_engine_assigns_as_python_does(shop):
    table = behaviour(shop)
    numbers, distances = shop.ran.model.assign(table)
    gold = shop.by("gold.customer_clusters", "customer_id")
    for place, customer in enumerate(table.column("customer_id").to_pylist()):
        assert gold[customer]["cluster_number"] == numbers[place]
        assert float(gold[customer]["distance"]) == pytest.approx(distances[place], abs=5.1e-5)


def test_ties_go_to_the_first_cluster(shop):
    """All centroids in one place: everybody is as near to each of them."""
    rows = shop.query("select distinct cluster_number from predictions.cluster_centroids order by 1")
    assert [row["cluster_number"] for row in rows] == [1, 2, 3, 4]
    sql = (shop.project.dbt / "compiled/models/gold/customers/customer_clusters.sql").read_text()
    alike = "(select * replace (0.5 as centroid) from predictions.cluster_centroids)"
    spelled = next(s for s in ('"predictions"."cluster_centroids"', "predictions.cluster_centroids") if s in sql)
    start = sql.index(spelled)
    quoted = sql[:start].rsplit(" ", 1)[1] + spelled
    found = shop.query(f"select distinct cluster_number from ({sql.replace(quoted, alike)})")
    assert found == [{"cluster_number": 1}]


def test_profiles_add_up(shop):
    profiles = shop.by("gold.cluster_profiles", "cluster_number")
    measures = shop.by("measures.customer_measures", "customer_id")
    members = [row for row in shop.rows("gold.customer_clusters") if row["cluster_number"] == 1]
    own = [measures[row["customer_id"]] for row in members]
    first = profiles[1]
    assert first["customer_count"] == len(own) == 60
    assert first["customer_share"] == 0.25
    assert first["net_amount"] == sum(row["net_amount"] for row in own)
    assert first["mean_order_count"] == sum(row["order_count"] for row in own) / 60
    assert first["mean_days_since_last_order"] == sum(row["days_since_last_order"] for row in own) / 60
    silent = sorted(row["days_since_last_order"] for row in own)
    assert first["median_days_since_last_order"] == (silent[29] + silent[30]) / 2
    assert sum(row["net_amount_share"] for row in profiles.values()) == pytest.approx(1)
    assert first["adjusted_rand_index"] == 1.0 and first["structure"] in ("strong", "reasonable")
    assert next(row["mean_gap_days"] for row in profiles.values() if row["cluster_name"].startswith("One")) is None


def test_nothing_new_keeps_the_fit_and_its_file(shop):
    before = (shop.project.models / "clusters.json").read_bytes()
    gold = shop.rows("gold.customer_clusters")
    again = clustered(shop)
    assert (again.result, again.why) == ("kept", "the last fit is still good")
    assert again.model == shop.ran.model
    assert (shop.project.models / "clusters.json").read_bytes() == before
    assert shop.rows("gold.customer_clusters") == gold
    stored = json.loads(before)
    assert stored["window"]["customer_count"] == 240
    assert [one["name"] for one in stored["content"]["model"]["clusters"]] == again.model.names


def test_a_sample_is_fitted_and_everybody_is_assigned(shop):
    ran = clustered(shop, sample_customers=120)
    assert (ran.result, ran.why) == ("fitted", "its settings changed")
    assert 80 < ran.model.fitted_customer_count < 160
    rows = shop.rows("gold.customer_clusters")
    assert Counter(row["cluster_number"] for row in rows) == dict.fromkeys(range(1, 5), 60)


def test_a_file_that_cannot_be_read_is_made_again(shop):
    before = clustered(shop)
    (shop.project.models / "clusters.json").write_text('{"model": {"method": "k-means')
    again = clustered(shop)
    assert (again.result, again.why) == ("fitted", "no model was stored")
    assert again.model == before.model


def test_too_few_customers_leave_empty_tables_with_a_reason(shop):
    ran = clustered(shop, least_customers=1_000, sample_customers=1_000)
    reason = "the shop has 240 customers with an order (1,000 needed)"
    assert (ran.result, ran.why, ran.model) == ("withheld", reason, None)
    assert shop.rows("gold.customer_clusters") == shop.rows("gold.cluster_profiles") == []
    assert outcome.load_withheld_reason(shop.project.models, "clusters") == reason
    empty = {"customer_clusters": 0, "cluster_profiles": 0, "customer_rfm": 1}
    assert explain_empty_tables(shop.project, empty) == dict.fromkeys(list(empty)[:2], reason)
    back = clustered(shop)
    assert (back.result, back.why) == ("kept", "the last fit is still good")
    assert len(shop.rows("gold.customer_clusters")) == 240


@pytest.mark.parametrize("orders", [[], [0]], ids=["no customer", "one customer"])
def test_a_shop_with_no_or_one_customer(tmp_path, orders):
    rows = [groups.files()["orders.csv"][place] for place in orders]
    guest = {**groups.files()["orders.csv"][0], "customer_id": None, "order_id": "guest"}
    small = built_so_far(tmp_path, {"orders.csv": [guest, *rows]})
    ran = clustered(small)
    assert ran.result == "withheld"
    assert ran.why.startswith(f"the shop has {len(orders)} customers with an order (100 needed) and ")
    assert small.rows("gold.customer_clusters") == []


def test_tables_are_prepared_once():
    known: dict[tuple[str, str], int] = {}
    warehouse = SimpleNamespace(
        exists=lambda *place: place in known,
        write=lambda schema, table, rows: known.update({(schema, table): rows.num_rows}),
    )
    prepare(warehouse)
    assert known == {("predictions", "cluster_centroids"): 0, ("predictions", "cluster_profiles"): 0}
    known[("predictions", "cluster_profiles")] = 3
    prepare(warehouse)
    assert known[("predictions", "cluster_profiles")] == 3
