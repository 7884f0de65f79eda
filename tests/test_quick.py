"""`make quick`: which tests belong to a change, and which of them fit into its time."""

from __future__ import annotations

from pathlib import Path

import pytest

from quick import choose, rank_tests, read_imports

FILES = {
    "src/patron/lake/table.py": "",
    "src/patron/lake/reader.py": "def read():\n    from patron.lake.table import open_table\n",
    "src/patron/serve/page.py": "from patron.lake import reader\n",
    "src/patron/transform/sql/models/gold/sales/daily_metrics.sql": "select 1",
    "tests/lake/test_table.py": "",
    "tests/lake/test_reader.py": "from patron.lake.reader import read\n",
    "tests/serve/test_page.py": "import patron.serve.page\n",
    "tests/serve/test_days.py": "def test_days():\n    assert 'daily_metrics'\n",
}


@pytest.fixture
def tree(tmp_path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def rank(tree: Path, *changes: str) -> dict[str, int]:
    return rank_tests(tree, changes, read_imports(tree))


def test_the_mirrored_test_is_closest_then_those_that_import_the_change(tree):
    assert rank(tree, "src/patron/lake/table.py") == {
        "tests/lake/test_table.py": 0,
        "tests/lake/test_reader.py": 2,
        "tests/serve/test_page.py": 3,
    }


def test_a_changed_test_runs_itself(tree):
    assert rank(tree, "tests/serve/test_page.py") == {"tests/serve/test_page.py": 0}


def test_a_changed_model_runs_the_tests_that_name_it(tree):
    changed = "src/patron/transform/sql/models/gold/sales/daily_metrics.sql"
    assert rank(tree, changed) == {"tests/serve/test_days.py": 1}


def test_a_changed_page_runs_the_tests_of_the_documentation(tree):
    assert rank(tree, "README.md") == {"tests/cli/test_documentation.py": 0}


def test_the_closest_and_fastest_fit_into_the_budget():
    ranks = {"far": 2, "near": 1, "slow": 1, "own": 0}
    seconds = {"far": 5.0, "near": 20.0, "slow": 90.0, "own": 60.0}
    assert choose(ranks, seconds, 100) == ["own", "near", "far"]
