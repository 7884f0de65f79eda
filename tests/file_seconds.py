"""Hooks that record in pytest's cache how long each test file takes, for `make quick`."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

import pytest

KEY = "patron/seconds"
_seconds: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the time of a test, or of its fixtures, to that of its file."""
    _seconds[report.nodeid.partition("::")[0]] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Store the time of each file that ran as a whole; the workers of xdist leave that to the first process."""
    config: Any = session.config
    is_part = config.option.keyword or session.shouldstop or any("::" in each for each in config.args)
    if "PYTEST_XDIST_WORKER" in os.environ or is_part or not hasattr(config, "cache"):
        return
    known = config.cache.get(KEY, {})
    config.cache.set(KEY, {**known, **{path: round(taken, 2) for path, taken in _seconds.items()}})
