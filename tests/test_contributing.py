"""The examples of CONTRIBUTING.md work as shown: applied to a copy of the package, run over a small shop, and read back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from shops.building import add_files, write_project

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
BLOCK = re.compile(r"^`([\w./]+)`\n\n```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)

SHOP = {
    "shop": {"name": "Corner", "currency": "GBP", "timezone": "Europe/London"},
    "sources": {
        "till": {
            "files": "*.csv",
            "entities": {
                "order_lines": {
                    "columns": {
                        "order_id": "receipt",
                        "customer_id": "card",
                        "ordered_at": "at",
                        "quantity": {"expression": "1"},
                        "unit_price": "price",
                    }
                }
            },
        }
    },
}
SATURDAY, SUNDAY, MONDAY, TUESDAY = "2024-03-02", "2024-03-03", "2024-03-04", "2024-03-05"


def _line(receipt: str, card: str, day: str) -> dict[str, str]:
    return {"receipt": receipt, "card": card, "at": f"{day} 10:00:00", "price": "2.50"}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """Return the sources of a copy of the package with every example applied."""
    copy = tmp_path_factory.mktemp("contributing")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    applied = BLOCK.findall(PAGE)
    for path, language, text in applied:
        target = copy / path
        if language == "diff":
            target.write_text(_patch(target.read_text(), text))
        else:
            assert not target.exists(), f"{path} exists; the example needs another name"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    assert len(applied) == PAGE.count("\n```") // 2, "a code block without the path of its file"
    return copy / "src"


def _patch(text: str, diff: str) -> str:
    """Return the text with the diff's `-` lines, which must stand in it once, replaced by its `+` lines."""
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in ("- ", "+ "))
    assert text.count(old) == 1, f"not there, or more than once:\n{old}"
    return text.replace(old, new)


def _python(package: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(package)}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shop(package, tmp_path_factory) -> Path:
    """Run a shop with the examples' package, twice: the second run takes in a line of a known customer."""
    folder = tmp_path_factory.mktemp("shop")
    write_project(
        folder, SHOP, {"march.csv": [_line("1", "A", SATURDAY), _line("2", "A", MONDAY), _line("3", "B", MONDAY)]}
    )
    _python(package, "-m", "patron", "run", "--project", str(folder))
    add_files(folder, {"april.csv": [_line("4", "A", SUNDAY), _line("5", "", SUNDAY), _line("6", "C", TUESDAY)]})
    _python(package, "-m", "patron", "run", "--project", str(folder))
    return folder


def test_the_measure_and_the_gold_table_are_built_and_brought_up_to_date(shop):
    latest = max((shop / ".patron/published").rglob("weekend_shoppers.parquet"), key=lambda path: path.stat().st_mtime)
    found = duckdb.sql(f"from '{latest}' order by customer_id").fetchall()
    assert found == [("A", 3, 2, 2 / 3, True), ("B", 1, 0, 0.0, False), ("C", 1, 0, 0.0, False)]


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


def test_the_linters_accept_every_example(package):
    for path in {path for path, _, _ in BLOCK.findall(PAGE)}:
        file = package.parent / path
        if file.suffix == ".py":
            _python(package, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), str(file))
            _python(package, "-m", "ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), str(file))
        elif file.suffix == ".yml":
            described = yaml.safe_load(file.read_text())["models"][0]
            assert described["name"] == file.stem and described["description"].startswith("Grain: ")
