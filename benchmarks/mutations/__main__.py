"""Try the listed mutations: `python -m benchmarks.mutations [AREA ...]`; write the results and docs/mutations.md.

A mutation is caught if a test of its area fails. Survivors are either a hole in the tests, or equivalent: then the list
says why nobody could notice.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

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


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 100))
