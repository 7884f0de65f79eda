"""The rendered project is an ordinary one: dbt alone makes the same tables of it, and its other commands work."""

from __future__ import annotations

import re
import shutil
from collections import Counter

import duckdb
import pytest

from engines.dbt_command import dbt, list_modified, read_artifact
from patron.transform.compile_cache import read_compiled
from shops.building import OBSERVED

LAYERS = ("seeds", "staging", "silver", "quarantine", "measures", "gold")


@pytest.fixture(scope="module")
def alone(contacts_shop, tmp_path_factory):
    """The project of a shop that patron has run, in a folder where dbt has built its tables once more."""
    folder = tmp_path_factory.mktemp("alone")
    warehouse = shutil.copy(contacts_shop.project.warehouse, folder / "warehouse.duckdb")
    ignored = shutil.ignore_patterns("target", "compiled")
    made = shutil.copytree(contacts_shop.project.dbt, folder / "dbt", ignore=ignored)
    with duckdb.connect(warehouse) as engine:
        for layer in reversed(LAYERS):
            engine.execute(f"drop schema {layer} cascade")
    dbt(made, "build", "--exclude", "test_name:not_null")  # there are 500, and the long runs have them
    return made


def test_dbt_alone_makes_the_same_tables(contacts_shop, alone):
    with duckdb.connect() as engine:
        engine.execute(f"attach '{contacts_shop.project.warehouse}' as ours (read_only)")
        engine.execute(f"attach '{alone.parent / 'warehouse.duckdb'}' as alone (read_only)")
        tables = engine.execute(
            f"select schema_name, table_name from duckdb_tables() where database_name = 'ours' and schema_name in {LAYERS} "
            f"union all select schema_name, view_name from duckdb_views() where database_name = 'ours' "
            f"and schema_name in {LAYERS} and contains(sql, 'warehouse.tables/')"
        ).fetchall()
        assert len(tables) > 100
        for schema, table in tables:
            if table in OBSERVED:
                continue
            ours, others = f"ours.{schema}.{table}", f"alone.{schema}.{table}"
            differing = engine.execute(
                f"select count(*) from ((from {ours} except all from {others}) union all (from {others} except all from {ours}))"
            ).fetchone()
            assert differing == (0,), f"{schema}.{table}"


def test_dbt_refuses_a_table_of_other_types_than_are_stated(alone, tmp_path):
    models = [node for node in read_artifact(alone, "manifest")["nodes"].values() if node["resource_type"] == "model"]
    gold = [node for node in models if node["schema"] == "gold"]
    assert len(gold) == 70
    assert [node["name"] for node in gold if not node["contract"]["enforced"]] == ["cohort_retention_pivoted"]
    folder = shutil.copytree(alone, tmp_path / "dbt")
    shutil.copy(alone.parent / "warehouse.duckdb", tmp_path)
    properties = folder / "models/gold/customers/customer_rfm.yml"
    written = properties.read_text()
    wrong = re.sub(r'("name": "tenure_days",\s+"data_type": )"bigint"', r'\1"double"', written)
    assert wrong != written
    properties.write_text(wrong)
    with pytest.raises(AssertionError, match=r"contract[\s\S]*tenure_days"):
        dbt(folder, "run", "--select", "customer_rfm")


def test_standard_tests_say_what_holds_says(alone):
    tests = [node for node in read_artifact(alone, "manifest")["nodes"].values() if node["resource_type"] == "test"]
    kinds = Counter(node["test_metadata"]["name"] for node in tests if node.get("test_metadata"))
    assert set(kinds) == {"holds", "unique", "not_null", "accepted_values", "relationships", "accepted_range"}
    run = {one["unique_id"]: one["status"] for one in read_artifact(alone, "run_results")["results"]}
    of_kinds = [run[node["unique_id"]] for node in tests if "not_null" not in node["name"]]
    assert len(of_kinds) > 200
    assert set(of_kinds) == {"pass"}


def test_dbt_knows_how_old_the_sources_are(contacts_shop, alone):
    dbt(alone, "source", "freshness")
    found = {one["unique_id"].split(".")[-1]: one for one in read_artifact(alone, "sources")["results"]}
    assert found.keys() == contacts_shop.project.settings.sources.keys()
    for source, one in found.items():
        assert one["status"] == "pass"
        landed = contacts_shop.query(f"select max(_ingested_at) at time zone 'UTC' as at from bronze.{source}")[0]["at"]
        assert one["max_loaded_at"].startswith(landed.isoformat()[:19])


def test_dbt_finds_what_a_changed_model_changes(alone, tmp_path):
    shutil.copy(alone / "target/manifest.json", tmp_path)
    assert list_modified(alone, tmp_path) == set()
    model = alone / "models/measures/product_prices.sql"
    model.write_text(model.read_text().replace("select", "select /* changed */", 1))
    readers = {node["name"] for node in _readers(read_artifact(alone, "manifest"), "product_prices")}
    assert list_modified(alone, tmp_path) == readers | {"product_prices"}


def _readers(manifest, name):
    children = manifest["child_map"]
    found, todo = {}, [f"model.patron.{name}"]
    while todo:
        for child in children[todo.pop()]:
            if child.startswith("model.") and child not in found:
                found[child] = manifest["nodes"][child]
                todo.append(child)
    return found.values()


def test_each_rule_has_a_file_of_its_own(contacts_shop):
    nodes = read_compiled(contacts_shop.project.compiled)
    assert nodes
    assert len({node.place for node in nodes}) == len(nodes)
