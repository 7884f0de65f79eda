"""The rendered project is an ordinary one: dbt alone makes the same tables of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import duckdb

from patron.transform.compile_cache import read_compiled
from shops.building import OBSERVED

LAYERS = ("seeds", "staging", "silver", "quarantine", "measures", "gold")


def test_dbt_alone_makes_the_same_tables(contacts_shop, tmp_path):
    project = contacts_shop.project
    warehouse = shutil.copy(project.warehouse, tmp_path / "warehouse.duckdb")
    folder = shutil.copytree(project.dbt, tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "compiled"))
    with duckdb.connect(warehouse) as engine:
        for layer in reversed(LAYERS):
            engine.execute(f"drop schema {layer} cascade")
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--project-dir", folder, "--profiles-dir", folder]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PATRON_")}
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]

    with duckdb.connect() as engine:
        engine.execute(f"attach '{project.warehouse}' as ours (read_only)")
        engine.execute(f"attach '{warehouse}' as alone (read_only)")
        tables = engine.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'ours' "
            f"and table_type = 'BASE TABLE' and table_schema in {LAYERS}"
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


def test_each_rule_has_a_file_of_its_own(contacts_shop):
    nodes = read_compiled(contacts_shop.project.compiled)
    assert nodes
    assert len({node.place for node in nodes}) == len(nodes)
