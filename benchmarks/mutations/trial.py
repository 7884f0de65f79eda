"""One trial: the tests of a mutation, run against a copy of the package that holds it.

Each trial is a fork of this process, which has imported what the tests need apart from patron: that takes most of the
time of a short test.
"""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"

_HEAVY = ("pytest", "_pytest.assertion.rewrite", "hypothesis", "duckdb", "numpy", "pyarrow.compute", "pyarrow.parquet")
_HEAVY += ("pyarrow.dataset", "pydantic", "sqlglot", "jinja2", "babel.dates", "babel.numbers", "deltalake", "typer")
_HEAVY += ("rich.console", "streamlit", "streamlit.testing.v1", "scipy.stats", "scipy.optimize", "playwright.sync_api")

_TESTS_FAILED = 1
_COLLECTION_FAILED = 2


def import_heavy_libraries() -> None:
    """Import what most tests import; a library that is not installed is left to the tests that need it."""
    for name in _HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            continue


def copy_package(folder: Path) -> Path:
    """Copy the package, so that the working tree stays as it is; return the copy's folder."""
    return Path(shutil.copytree(SOURCE, folder / "src", ignore=shutil.ignore_patterns("__pycache__")))


@contextmanager
def mutated(copy: Path, mutation: Change) -> Iterator[None]:
    """Keep the mutation in the copy while the block runs."""
    file = copy / "patron" / mutation.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(mutation.apply(sound), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(sound, encoding="utf-8")


class Change(Protocol):
    """A fault in a file, below src/patron, and the tests that should find it."""

    @property
    def file(self) -> str: ...

    @property
    def tests(self) -> tuple[str, ...]: ...

    def apply(self, text: str) -> str:
        """Return the file's text with the fault."""


def is_caught(copy: Path, mutation: Change, seconds: int | None = None) -> bool:
    """Return whether a test of the mutation fails. Raises RuntimeError if pytest could not run them at all.

    seconds: of processor time after which the tests are taken to hang, which somebody notices.
    """
    with mutated(copy, mutation):
        code, output = run_tests(copy, mutation.tests, seconds)
    if code not in (0, _TESTS_FAILED, _COLLECTION_FAILED, -signal.SIGXCPU, -signal.SIGKILL):
        raise RuntimeError(f"pytest ended with {code}:\n{output[-2000:]}")
    return code != 0


def run_tests(copy: Path, tests: tuple[str, ...], seconds: int | None = None) -> tuple[int, str]:
    """Run tests against the copy until one fails; return pytest's exit code and what it printed."""
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if not child:
            if seconds is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            _run_and_exit(copy, tests, printed.fileno())
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        return os.waitstatus_to_exitcode(status), printed.read().decode(errors="replace")


def _run_and_exit(copy: Path, tests: tuple[str, ...], printed: int) -> NoReturn:
    """Run the tests in this process, the fork, which then ends."""
    code = 70
    try:
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        os.chdir(ROOT)
        sys.dont_write_bytecode = True
        sys.path[:0] = [str(copy), str(ROOT / "tests")]
        os.environ |= {"PYTHONPATH": os.pathsep.join(sys.path[:2]), "PYTHONDONTWRITEBYTECODE": "1"}
        code = int(importlib.import_module("pytest").main(["-q", "-x", "-p", "no:cacheprovider", *tests]))
        sys.stdout.flush()
    finally:
        os._exit(code)
