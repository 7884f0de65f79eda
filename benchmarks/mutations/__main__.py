"""Try the listed mutations: `python -m benchmarks.mutations [AREA ...]`; write the results and docs/mutations.md.

`--changed [BASE]` tries faults in the lines changed since a base instead, and prints the survivors.

A mutation is caught if a test of its area fails. Survivors are either a hole in the tests, or equivalent: then the list
says why nobody could notice.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.mutations.changed import try_changed
from benchmarks.mutations.listed import Mutation, list_areas, list_mutations
from benchmarks.mutations.page import write_page
from benchmarks.mutations.trial import ROOT, copy_package, import_heavy_libraries, is_caught, run_tests

RESULTS = ROOT / "benchmarks" / "results" / "mutations.json"
PAGE = ROOT / "docs" / "mutations.md"


def main(areas: list[str]) -> int:
    """Try the mutations of the areas, all by default; return how many holes were found."""
    import_heavy_libraries()
    found = {area: _try_area(area) for area in areas or list_areas()}
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results = dict(sorted({**known, **found}.items()))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(write_page(results), encoding="utf-8")
    return sum(result == "survived" for listed in found.values() for result in listed.values())


def _try_area(area: str) -> dict[str, str]:
    """Try the mutations of an area. Raises RuntimeError if its tests fail without any."""
    mutations = list_mutations(area)
    with tempfile.TemporaryDirectory(prefix="patron-mutations-") as folder:
        copy, results = copy_package(Path(folder)), {}
        for tests in dict.fromkeys(one.tests for one in mutations):
            code, output = run_tests(copy, tests)
            if code:
                raise RuntimeError(f"{' '.join(tests)} fails without a mutation:\n{output[-2000:]}")
        for mutation in mutations:
            results[mutation.name] = _judge(copy, mutation)
            print(f"{area}: {results[mutation.name]}: {mutation.name}", flush=True)
        return results


def _judge(copy: Path, mutation: Mutation) -> str:
    if is_caught(copy, mutation):
        return "caught"
    return "equivalent" if mutation.equivalent else "survived"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutations")
    parser.add_argument("areas", nargs="*", help="of the listed mutations; all by default")
    parser.add_argument(
        "--changed", nargs="?", const="main", metavar="BASE", help="the lines changed since BASE (main)"
    )
    parser.add_argument("--minutes", type=float, default=30, help="how long --changed may take")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _parse()
    if asked.changed:
        try_changed(asked.changed, asked.minutes)
        sys.exit(0)  # a survivor may change nothing that anybody sees: people judge it
    sys.exit(min(main(asked.areas), 100))
