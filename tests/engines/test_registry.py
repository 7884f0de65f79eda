"""Each engine that patron.yaml may name can be opened, has a known dialect, and names an extra that exists."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from patron.engines import registry
from patron.engines.dialects import DIALECTS
from patron.engines.registry import ENGINES, Engine, open_warehouse
from patron.errors import EngineError
from patron.project.settings.warehouse import Warehouse as WarehouseSettings

ROOT = Path(__file__).parents[2]


def project_on(engine: str, folder: Path) -> SimpleNamespace:
    settings = SimpleNamespace(warehouse=SimpleNamespace(engine=engine, master=None))
    return SimpleNamespace(settings=settings, state=folder, warehouse=folder / "warehouse.duckdb")


def test_the_settings_allow_exactly_the_engines_of_the_registry():
    assert set(get_args(WarehouseSettings.model_fields["engine"].annotation)) == set(ENGINES)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_opens_with_the_dialect_of_the_registry(name, tmp_path):
    warehouse = open_warehouse(project_on(name, tmp_path))
    assert warehouse.dialect == ENGINES[name].dialect
    assert warehouse.dialect in DIALECTS


def test_extras_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {engine.extra for engine in ENGINES.values()} - {""} <= set(extras)


def test_a_missing_library_is_an_error_that_names_the_extra(tmp_path, monkeypatch):
    def fail(_):
        raise ModuleNotFoundError("No module named 'pyspark'")

    monkeypatch.setattr(registry, "ENGINES", {"spark": Engine(fail, dialect="spark", extra="spark")})
    with pytest.raises(EngineError, match="The engine spark is not installed: No module named 'pyspark'") as caught:
        open_warehouse(project_on("spark", tmp_path))
    assert caught.value.do == "install it: pip install 'patron[spark]'"
