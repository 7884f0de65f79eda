"""The examples of CONTRIBUTING.md work as shown: applied to a copy of the package, run over a small shop, and read back."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from contributing_examples import BLOCKS, ROOT, apply_to
from shops.building import add_files, write_project

SETTINGS = "my-shop/patron.yaml"

SATURDAY, SUNDAY, MONDAY, TUESDAY = "2024-03-02", "2024-03-03", "2024-03-04", "2024-03-05"


def _line(receipt: str, card: str, day: str) -> dict[str, str]:
    return {"receipt": receipt, "card": card, "at": f"{day} 10:00:00", "sku": "T1", "price": "2.50"}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """Return the sources of a copy of the package with every example applied."""
    copy = tmp_path_factory.mktemp("contributing")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    apply_to(copy)
    return copy / "src"


def _python(package: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(package)}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shop(package, tmp_path_factory) -> Path:
    """Run a shop with the examples' package, twice: the second run takes in a line of a known customer."""
    folder = tmp_path_factory.mktemp("shop")
    march = [_line("1", "A", SATURDAY), _line("2", "A", MONDAY), _line("3", "B", MONDAY)]
    write_project(folder, (package.parent / SETTINGS).read_text(), {"march.csv": march})
    _python(package, "-m", "patron", "run", "--project", str(folder))
    add_files(folder, {"april.csv": [_line("4", "A", SUNDAY), _line("5", "", SUNDAY), _line("6", "C", TUESDAY)]})
    _python(package, "-m", "patron", "run", "--project", str(folder))
    return folder


def _gold(shop: Path, table: str) -> list[tuple]:
    latest = max((shop / ".patron/published").rglob(f"{table}.parquet"), key=lambda path: path.stat().st_mtime)
    return duckdb.sql(f"from '{latest}' order by all").fetchall()


def test_the_measure_and_the_gold_table_are_built_and_brought_up_to_date(shop):
    assert _gold(shop, "weekend_shoppers") == [
        ("A", 3, 2, 2 / 3, True),
        ("B", 1, 0, 0.0, False),
        ("C", 1, 0, 0.0, False),
    ]


def test_the_gold_table_is_described_to_its_readers(package, shop):
    assert "more than half of the purchase days" in _python(
        package, "-m", "patron", "tables", "weekend_shoppers", "--project", str(shop)
    ).replace("\n", " ")


PAINT = """
import sys
from streamlit import config
from streamlit.testing.v1 import AppTest
from patron.serve.dashboard import registry
config.set_option("server.address", "127.0.0.1")
registry.FIRST = "weekends"
sys.argv[1:] = [{folder!r}]
painted = AppTest.from_string("from patron.serve.dashboard.app import main; main()", default_timeout=60).run()
assert not painted.exception, painted.exception
print(*(element.proto.body for element in painted.get("html")))
"""


def test_the_page_is_in_the_menu_and_shows_the_table(package, shop):
    painted = _python(package, "-c", PAINT.format(folder=str(shop)))
    assert "Who shops on weekends?" in painted
    assert "Mostly on weekends" in painted
    assert "Purchase days" in painted


def test_the_connector_lands_its_rows_once(shop):
    with duckdb.connect(str(shop / ".patron/warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute("select product_id, product_name from silver.products order by all").fetchall()
    assert found == [("B2", "Bread"), ("T1", "Tea")]


def test_the_prediction_reaches_gold(shop):
    assert _gold(shop, "customer_next_orders") == [("A", dt.date(2024, 3, 5))]
    assert ("next order", True) in {row[:2] for row in _gold(shop, "prediction_status")}


def test_the_linters_accept_every_example(package):
    for path in {path for path, _, _ in BLOCKS}:
        file = package.parent / path
        if file.suffix == ".py":
            _python(package, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), str(file))
            _python(package, "-m", "ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), str(file))
        elif file.suffix == ".yml" and file.with_suffix(".sql").exists():
            described = yaml.safe_load(file.read_text())["models"][0]
            assert described["name"] == file.stem and described["description"].startswith("Grain: ")
