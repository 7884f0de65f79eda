"""Faults in the lines of the package that a branch has changed, tried by the tests that mirror each module."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.mutations.operators import Fault, make_faults
from benchmarks.mutations.trial import ROOT, copy_package, import_heavy_libraries, is_caught, run_tests

PACKAGE = "src/patron"
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_LEAST_SECONDS = 60


@dataclass(frozen=True)
class ChangedLine:
    """A fault in a file below src/patron, and what pytest is given to find it."""

    file: str
    fault: Fault
    tests: tuple[str, ...]

    def apply(self, text: str) -> str:
        """Return the file's text with the fault."""
        return self.fault.apply(text)


def try_changed(base: str, minutes: float) -> list[str]:
    """Try the faults of the lines changed since a base, as many as the time allows; return the survivors, described."""
    end = time.monotonic() + 60 * minutes
    faults = list_changed(base)
    Random(0).shuffle(faults)  # so that a run that stops early has tried some of each file
    import_heavy_libraries()
    with tempfile.TemporaryDirectory(prefix="patron-mutations-") as folder:
        return _try_all(copy_package(Path(folder)), faults, end)


def list_changed(base: str) -> list[ChangedLine]:
    """List the faults of the changed lines of each module that has tests."""
    found = []
    for file, lines in list_changed_lines(_diff(base)).items():
        path = ROOT / PACKAGE / file
        if path.suffix == ".py" and path.exists() and (tests := find_tests(file)):
            found += [ChangedLine(file, fault, tests) for fault in make_faults(path.read_text(encoding="utf-8"), lines)]
    return found


def list_changed_lines(diff: str) -> dict[str, set[int]]:
    """List the new lines of each file of a diff without context."""
    lines: dict[str, set[int]] = {}
    file = ""
    for line in diff.splitlines():
        if line.startswith("+++ "):
            file = line.removeprefix("+++ ").removeprefix(f"b/{PACKAGE}/")
        elif hunk := _HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            lines.setdefault(file, set()).update(range(start, start + count))
    return lines


def find_tests(file: str) -> tuple[str, ...]:
    """Find the tests of a module: the folder that mirrors its own or one above it, or the file of a loose module."""
    loose = ROOT / "tests" / f"test_{file}"
    if "/" not in file:
        return (f"tests/{loose.name}",) if loose.exists() else ()
    folders = (parent for parent in Path(file).parents if str(parent) != ".")
    return next(((f"tests/{folder}",) for folder in folders if any((ROOT / "tests" / folder).glob("**/test_*.py"))), ())


def _try_all(copy: Path, faults: list[ChangedLine], end: float) -> list[str]:
    survivors, tried, seconds = list[str](), 0, dict[tuple[str, ...], int]()
    for one in faults:
        if time.monotonic() > end:
            break
        if one.tests not in seconds:
            seconds[one.tests] = _time_sound(copy, one.tests)
        tried += 1
        if not is_caught(copy, one, seconds[one.tests]):
            survivors.append(_describe(one))
            print(f"survived: {survivors[-1]}", flush=True)
    caught = tried - len(survivors)
    print(
        f"{len(faults)} faults in changed lines: {tried} tried, {caught} caught, {len(survivors)} survived", flush=True
    )
    return survivors


def _time_sound(copy: Path, tests: tuple[str, ...]) -> int:
    """Return the processor seconds that a trial may take. Raises RuntimeError if a test fails without a fault."""
    start = time.monotonic()
    code, output = run_tests(copy, tests)
    if code:
        raise RuntimeError(f"{' '.join(tests)} fails without a mutation:\n{output[-2000:]}")
    return _LEAST_SECONDS + 3 * int(time.monotonic() - start)


def _describe(one: ChangedLine) -> str:
    text = (ROOT / PACKAGE / one.file).read_text(encoding="utf-8")
    old = text.encode()[one.fault.start : one.fault.end].decode()
    return f"{PACKAGE}/{one.file}:{one.fault.line}: {_shorten(old)} -> {_shorten(one.fault.new)}"


def _shorten(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) < 80 else f"{flat[:77]}..."


def _diff(base: str) -> str:
    command = ["git", "diff", "--unified=0", "--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/", base]
    done = subprocess.run([*command, "--", PACKAGE], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout
