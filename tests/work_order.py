"""Hooks by which the processes of pytest-xdist share the test files: long ones first, and together what starts a server.

A process takes whole files (`--dist loadfile`). If the longest began last, the other process would wait for it. Files that
need the same Java machine, broker or browser are one piece of work, so that it starts once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from file_seconds import load_seconds

TOGETHER = {
    "spark": ("tests/engines/test_spark", "tests/engines/test_parity"),
    "kafka": ("tests/ingest/kafka/test_land_messages", "tests/pipeline/test_stream"),
}
"""Piece of work -> how the names of its files begin."""


def find_work(path: str) -> str:
    """The piece of work that a test file belongs to: most are one of their own."""
    return next((work for work, begins in TOGETHER.items() if path.startswith(begins)), path)


def rank_files(paths: list[str], seconds: Mapping[str, float]) -> dict[str, int]:
    """Rank files: the longest piece of work first, and within one the longest file. Unknown ones are short."""
    total: dict[str, float] = {}
    for path in paths:
        total[find_work(path)] = total.get(find_work(path), 0) + seconds.get(path, 0)
    ordered = sorted(paths, key=lambda path: (-total[find_work(path)], find_work(path), -seconds.get(path, 0), path))
    return {path: place for place, path in enumerate(ordered)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests of a worker by their files; tests of one file keep their order."""
    if hasattr(config, "workerinput"):
        paths = {item.nodeid.partition("::")[0] for item in items}
        ranks = rank_files(sorted(paths), load_seconds(config.rootpath))
        items.sort(key=lambda item: ranks[item.nodeid.partition("::")[0]])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give out pieces of work in the order in which the workers sorted them."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduler(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return find_work(nodeid.partition("::")[0])

    config.option.loadscopereorder = False
    return Scheduler(config, log)
