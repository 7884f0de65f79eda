"""Run the tests of what you changed, the closest and fastest first, for about two minutes: `make quick`.

A change is what differs from the main branch (or from HEAD, on main itself), committed or not. A test file is close to a
changed module if it mirrors its path or imports it, less close if it imports what imports it, and so on. How long each
test file takes is known from earlier runs of pytest, see file_seconds.py.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from file_seconds import load_seconds

ROOT = Path(__file__).resolve().parents[1]
BUDGET_SECONDS = 110
UNKNOWN_SECONDS = 10.0
DOCUMENTATION = "tests/cli/test_documentation.py"


def find_changes(root: Path) -> set[str]:
    """List the files that differ from the main branch or are not tracked yet, relative to the repository."""

    def git(*words: str) -> list[str]:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False).stdout.split("\n")

    base = git("merge-base", "HEAD", "main")[0] or "HEAD"
    return {*git("diff", "--name-only", base), *git("ls-files", "--others", "--exclude-standard")} - {""}


def read_imports(root: Path) -> dict[str, set[str]]:
    """Map each Python file of src and tests to the files that it imports, also inside functions."""
    files = {
        _module_name(path.relative_to(root / top)): str(path.relative_to(root))
        for top in ("src", "tests")
        for path in (root / top).rglob("*.py")
    }
    found = {}
    for path in files.values():
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
        found[path] = {files[name] for name in _imported_names(tree) if name in files} - {path}
    return found


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported_names(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rank_tests(root: Path, changes: Iterable[str], imports: Mapping[str, set[str]]) -> dict[str, int]:
    """Rank test files by their distance to the changes: 0 for a changed test or the mirror of a changed module.

    A file that is not Python is as close to the tests that name it as a module is to those that import it.
    """
    tests = [path for path in imports if Path(path).name.startswith("test_")]
    ranks = {path: 0 for path in tests if path in changes}
    for change in changes:
        ranks |= {path: 0 for path in tests if path in _mirrors(change)}
        if not change.endswith(".py"):
            word = re.compile(rf"\b{re.escape(Path(change).stem)}\b")
            named = [path for path in tests if word.search((root / path).read_text(encoding="utf-8"))]
            ranks = {**dict.fromkeys(named, 1), **ranks}
        if change.endswith(".md"):
            ranks[DOCUMENTATION] = 0
    level, distance = set(changes), 0
    seen = set(level)
    while level:
        distance += 1
        level = {path for path, imported in imports.items() if imported & level} - seen
        seen |= level
        ranks = {**dict.fromkeys([path for path in level if path in tests], distance), **ranks}
    return ranks


def _mirrors(change: str) -> set[str]:
    """The test files that mirror a module: tests/<package>/test_<module>.py, and test_<package>.py beside them."""
    path = Path(change)
    if path.parts[:2] != ("src", "patron"):
        return set()
    folder = Path("tests", *path.parts[2:-1])
    return {str(folder / f"test_{path.stem}.py"), str(folder.parent / f"test_{folder.name}.py")}


def choose(ranks: Mapping[str, int], seconds: Mapping[str, float], budget: float) -> list[str]:
    """Choose test files, the closest first and among these the fastest, as long as they fit into the budget."""
    chosen, total = [], 0.0
    for path in sorted(ranks, key=lambda path: (ranks[path], seconds.get(path, UNKNOWN_SECONDS), path)):
        needed = seconds.get(path, UNKNOWN_SECONDS)
        if total + needed <= budget:
            chosen.append(path)
            total += needed
    return chosen


class _Deadline:
    """Stops pytest after the test that runs when the time is up, for files whose duration was not known."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.failures = 0

    def pytest_sessionstart(self, session: Any) -> None:
        self.session = session

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.failures += report.failed
        if report.when == "teardown" and time.monotonic() > self.ends:
            runner = self.session.config.pluginmanager.getplugin("dsession") or self.session  # xdist has its own flag
            runner.shouldstop = "the two minutes of `make quick` are over"


def main() -> int:
    """Run the chosen tests; returns pytest's exit code."""
    changes = find_changes(ROOT)
    ranks = rank_tests(ROOT, changes, read_imports(ROOT))
    chosen = choose(ranks, load_seconds(ROOT), 1.5 * BUDGET_SECONDS)  # two processes, not always both busy
    left_out = [path for path in ranks if ranks[path] <= 1 and path not in chosen]
    print(f"{len(changes)} changed files; {len(chosen)} of {len(ranks)} test files that depend on them, closest first.")
    if left_out:
        print(f"Too slow for this, run them alone: {' '.join(sorted(left_out))}")
    if not chosen:
        return 0
    os.chdir(ROOT)
    deadline = _Deadline(BUDGET_SECONDS)
    code = pytest.main([*chosen, "--numprocesses=2", "--dist=loadfile"], plugins=[deadline])
    return 0 if code == pytest.ExitCode.INTERRUPTED and not deadline.failures else int(code)


if __name__ == "__main__":
    sys.exit(main())
