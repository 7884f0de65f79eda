"""The rendered project is a package of somebody's own dbt project, which builds upon its tables."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from engines.dbt_command import dbt, read_artifact

pytestmark = pytest.mark.soak

OWN = {
    "packages.yml": "packages: [{local: ../shop/.patron/dbt}]\n",
    "dbt_project.yml": "name: own\nversion: '1.0'\nprofile: own\nmodels: {own: {+materialized: table}}\n",
    "models/big_spenders.sql": "select customer_id from {{ ref('patron', 'customer_360') }} where net_amount > 50\n",
}


@pytest.fixture
def own(contacts_shop, tmp_path):
    """A project beside a shop that patron has run; its profile leads to the shop's warehouse."""
    shutil.copytree(contacts_shop.folder, tmp_path / "shop", ignore=shutil.ignore_patterns("target", "published"))
    profile = {"type": "duckdb", "path": "../shop/.patron/warehouse.duckdb", "schema": "marts", "threads": 1}
    profile["config_options"] = {"storage_compatibility_version": "latest"}
    files = {**OWN, "profiles.yml": json.dumps({"own": {"target": "dev", "outputs": {"dev": profile}}})}
    folder = tmp_path / "own"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_project_builds_upon_patrons_tables(own, contacts_shop):
    dbt(own, "deps")
    dbt(own, "build", "--exclude-resource-type", "test")
    built = {one["relation_name"] for one in read_artifact(own, "run_results")["results"]}
    assert {'"warehouse"."marts"."big_spenders"', '"warehouse"."gold"."customer_360"'} <= built
    with duckdb.connect(str(own.parent / "shop/.patron/warehouse.duckdb"), read_only=True) as engine:
        found = {name for (name,) in engine.execute("select customer_id from marts.big_spenders").fetchall()}
        builds = engine.execute("select count(*) from meta.dbt_builds where is_complete").fetchone()
    assert found == {row["customer_id"] for row in contacts_shop.rows("gold.customer_360") if row["net_amount"] > 50}
    assert found
    assert builds == (1,)


def test_its_next_build_takes_in_only_what_is_new(own):
    dbt(own, "deps")
    for _ in range(2):
        dbt(own, "build", "--exclude-resource-type", "test")
    with duckdb.connect(str(own.parent / "shop/.patron/warehouse.duckdb"), read_only=True) as engine:
        sql = "select since_batch, highest_batch from meta.dbt_builds where is_complete order by build_number"
        (first, second) = engine.execute(sql).fetchall()
    assert first[0] == 0
    assert second == (first[1], first[1])
