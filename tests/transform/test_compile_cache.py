"""A compiled project is kept on disk, and compiled again when anything of it changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.transform.compile_cache import load_compiled, read_compiled
from patron.transform.node import Node

LINES = Node("lines", "model", "models/lines", code="select 1 as n", tags=("daily",))
SUMS = Node("sums", "model", "models/sums", code="select 2 as n", parents=("lines",), incremental="select 3 as n")
COUNTRIES = Node("countries", "seed", "seeds/countries", code="raw_country,country\n", column_types={"country": "text"})
RULE = Node("positive", "test", "tests/s.sums", code="select 4 as n", parents=("sums",), rules_of="sums")
NODES = [LINES, SUMS, COUNTRIES, RULE]


class Compiler:
    """Counts how often it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, 0

    def load(self, fingerprint: str) -> list[Node]:
        return load_compiled(self.folder, fingerprint, self._compile)

    def _compile(self) -> list[Node]:
        self.calls += 1
        return NODES


@pytest.fixture
def compiler(tmp_path) -> Compiler:
    return Compiler(tmp_path)


def test_an_unchanged_project_is_not_compiled_again(compiler):
    assert compiler.load("f1") == NODES
    assert compiler.load("f1") == NODES == read_compiled(compiler.folder)
    assert compiler.calls == 1
    compiler.load("f2")
    assert compiler.calls == 2


@pytest.mark.parametrize("spoiled", ["nodes.json", "models/lines.sql"])
def test_a_missing_file_is_compiled_again(compiler, spoiled):
    compiler.load("f1")
    (compiler.folder / spoiled).unlink()
    assert read_compiled(compiler.folder) == []
    compiler.load("f1")
    assert compiler.calls == 2
    assert (compiler.folder / spoiled).exists()


@pytest.mark.parametrize("place", ["models/lines.sql", "incremental/models/sums.sql", "tests/s.sums.sql"])
def test_sql_that_was_changed_by_hand_is_compiled_again(compiler, place):
    compiler.load("f1")
    (compiler.folder / place).write_text("select 1000000 as net_amount")
    assert compiler.load("f1") == NODES == read_compiled(compiler.folder)
    assert compiler.calls == 2
