"""Try the listed mutations: `python -m benchmarks.mutations [AREA ...]`; of all areas, write the results.

A mutation is caught if a test of its area fails. Survivors are either a hole in the tests, or equivalent: then the list
says why nobody could notice.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.mutations.listed import Mutation, list_areas, list_mutations
from benchmarks.mutations.trial import copy_package, import_heavy_libraries, is_caught

RESULTS = Path(__file__).parents[1] / "results" / "mutations.json"


def main(areas: list[str]) -> int:
    """Try the mutations of the areas, all by default; return how many holes were found."""
    import_heavy_libraries()
    found = {area: _try_area(area) for area in areas or list_areas()}
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(dict(sorted({**known, **found}.items())), indent=1) + "\n", encoding="utf-8")
    return sum(result == "survived" for results in found.values() for result in results.values())


def _try_area(area: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="patron-mutations-") as folder:
        copy = copy_package(Path(folder))
        results = {}
        for mutation in list_mutations(area):
            results[mutation.name] = _judge(copy, mutation)
            print(f"{area}: {results[mutation.name]}: {mutation.name}", flush=True)
        return results


def _judge(copy: Path, mutation: Mutation) -> str:
    if is_caught(copy, mutation):
        return "caught"
    return "equivalent" if mutation.equivalent else "survived"


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 100))
