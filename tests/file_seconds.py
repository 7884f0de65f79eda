"""How long each test file takes: hooks that record it in pytest's cache, and what was known when this was committed.

`python tests/file_seconds.py` keeps the record of the last run in file_seconds.json, for those who have none of their own.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

KEY = "patron/seconds"
COMMITTED = Path(__file__).with_suffix(".json")
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


def load_seconds(root: Path) -> dict[str, float]:
    """Load how long each test file took when it last ran as a whole; else, as it was committed."""
    known: dict[str, float] = json.loads(COMMITTED.read_text(encoding="utf-8"))
    own = root / ".pytest_cache/v" / KEY
    return known | (json.loads(own.read_text(encoding="utf-8")) if own.is_file() else {})


def commit_seconds(root: Path) -> None:
    """Write what is known of the test files that there are."""
    known = {path: round(taken, 1) for path, taken in sorted(load_seconds(root).items()) if (root / path).is_file()}
    COMMITTED.write_text(json.dumps(known, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    commit_seconds(Path(__file__).resolve().parents[1])
